CREATE TABLE consent (
  year         smallint NOT NULL,
  consent_no   bigint NOT NULL,
  name         varchar(200),
  email        varchar(254),
  given_at     timestamptz NOT NULL,
  way          varchar(20),
  text_version varchar(20),
  PRIMARY KEY (year, consent_no)
);

CREATE TABLE withdrawal (
  year         smallint NOT NULL,
  consent_no   bigint NOT NULL,
  withdrawn_at timestamptz NOT NULL,
  PRIMARY KEY (year, consent_no),
  FOREIGN KEY (year, consent_no) REFERENCES consent
);
