CREATE TABLE event (code varchar(30) PRIMARY KEY, title varchar(200) NOT NULL);
INSERT INTO event VALUES ('it-forum', 'IT-Forum'), ('geodaten-tag', 'Tag der Geodaten'), ('zensus-werkstatt', 'Werkstatt Zensus');

CREATE TABLE participant (
  participant_id bigint PRIMARY KEY,
  salutation     varchar(20),
  first_name     varchar(100),
  last_name      varchar(100),
  organisation   varchar(200),
  street         varchar(100),
  house_number   varchar(10),
  postcode       char(5),
  city           varchar(100),
  email          varchar(254),
  phone          varchar(40),
  blocked        boolean NOT NULL DEFAULT false
);

CREATE TABLE registration (
  event_code     varchar(30) NOT NULL REFERENCES event,
  participant_id bigint NOT NULL REFERENCES participant,
  registered_at  timestamptz NOT NULL,
  catering       varchar(40),
  PRIMARY KEY (event_code, participant_id)
);

CREATE TABLE guest (
  event_code     varchar(30) NOT NULL,
  participant_id bigint NOT NULL,
  guest_no       smallint NOT NULL,
  guest_name     varchar(200) NOT NULL,
  PRIMARY KEY (event_code, participant_id, guest_no),
  FOREIGN KEY (event_code, participant_id) REFERENCES registration
);
