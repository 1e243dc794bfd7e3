CREATE TABLE contact_request (
  request_no  bigint PRIMARY KEY,
  name        varchar(200),
  email       varchar(254),
  phone       varchar(40),
  subject     varchar(200),
  details     text,
  received_at timestamptz NOT NULL,
  ip_address  inet,
  blocked     boolean NOT NULL DEFAULT false
);

CREATE TABLE reply (
  request_no bigint NOT NULL REFERENCES contact_request,
  reply_no   smallint NOT NULL,
  replied_at timestamptz NOT NULL,
  body       text,
  staff      varchar(40),
  PRIMARY KEY (request_no, reply_no)
);
