CREATE TABLE citizen (
  citizen_id   bigint PRIMARY KEY,
  salutation   varchar(20),
  last_name    varchar(100),
  first_name   varchar(100),
  email        varchar(254),
  street       varchar(100),
  house_number varchar(10),
  postcode     char(5),
  city         varchar(100),
  phone        varchar(40),
  created_at   timestamptz NOT NULL,
  blocked      boolean NOT NULL DEFAULT false
);

CREATE TABLE ticket (
  ticket_id     bigint PRIMARY KEY,
  citizen_id    bigint REFERENCES citizen, -- none for the collective file
  number        varchar(20) NOT NULL UNIQUE,
  subject       varchar(200) NOT NULL,
  state         varchar(20) NOT NULL,
  channel       varchar(20) NOT NULL,
  opened_at     timestamptz NOT NULL,
  last_entry_at timestamptz NOT NULL
);
CREATE INDEX ON ticket (citizen_id);
INSERT INTO ticket VALUES (1, NULL, 'SAMMEL-1', 'Weiterleitungen', 'offen', 'intern', '2020-01-01', '2020-01-01');

CREATE TABLE message (
  message_id bigint PRIMARY KEY,
  ticket_id  bigint NOT NULL REFERENCES ticket,
  reply_to   bigint REFERENCES message,
  direction  varchar(10) NOT NULL CHECK (direction IN ('eingehend', 'ausgehend')),
  body       text NOT NULL,
  sent_at    timestamptz NOT NULL,
  username   varchar(60),
  ip_address inet
);
CREATE INDEX ON message (ticket_id);

CREATE TABLE topic (code varchar(20) PRIMARY KEY, name varchar(100) NOT NULL);
INSERT INTO topic VALUES ('steuern', 'Steuern und Abgaben'), ('verkehr', 'Verkehr'), ('ehrenamt', 'Ehrenamt'),
  ('datenschutz', 'Datenschutz'), ('kultur', 'Kultur und Sport');

CREATE TABLE ticket_topic (
  ticket_id   bigint NOT NULL REFERENCES ticket,
  topic_code  varchar(20) NOT NULL REFERENCES topic,
  assigned_at timestamptz NOT NULL,
  PRIMARY KEY (ticket_id, topic_code)
);
