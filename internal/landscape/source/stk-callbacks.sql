CREATE TABLE caller (
  caller_id    bigint PRIMARY KEY,
  salutation   varchar(20),
  last_name    varchar(100),
  first_name   varchar(100),
  email        varchar(254),
  street       varchar(100),
  house_number varchar(10),
  postcode     char(5),
  city         varchar(100),
  phone        varchar(40),
  blocked      boolean NOT NULL DEFAULT false
);

CREATE TABLE callback (
  callback_id  bigint PRIMARY KEY,
  caller_id    bigint NOT NULL REFERENCES caller,
  taken_at     timestamptz NOT NULL,
  concern      text NOT NULL,
  forwarded_to varchar(100),
  done_at      timestamptz
);
CREATE INDEX ON callback (caller_id);

CREATE TABLE attempt (
  callback_id bigint NOT NULL REFERENCES callback,
  attempt_no  smallint NOT NULL,
  tried_at    timestamptz NOT NULL,
  result      varchar(20) NOT NULL,
  PRIMARY KEY (callback_id, attempt_no)
);
