CREATE TABLE applicant (
  applicant_id bigint PRIMARY KEY,
  salutation   varchar(20),
  first_name   varchar(100) NOT NULL,
  last_name    varchar(100) NOT NULL,
  born_on      date,
  email        varchar(254),
  phone        varchar(40),
  street       varchar(100),
  house_number varchar(10),
  postcode     char(5),
  city         varchar(100),
  blocked      boolean NOT NULL DEFAULT false
);

CREATE TABLE skill (code varchar(20) PRIMARY KEY, name varchar(100) NOT NULL);
INSERT INTO skill VALUES ('java', 'Java'), ('go', 'Go'), ('linux', 'Linux'), ('projektleitung', 'Projektleitung');

CREATE TABLE applicant_skill (
  applicant_id bigint NOT NULL REFERENCES applicant,
  skill_code   varchar(20) NOT NULL REFERENCES skill,
  level        smallint NOT NULL,
  PRIMARY KEY (applicant_id, skill_code)
);

CREATE TABLE vacancy (vacancy_no varchar(10) PRIMARY KEY, title varchar(200) NOT NULL);
INSERT INTO vacancy VALUES ('2026-014', 'Softwareentwicklung (w/m/d)'), ('2026-031', 'Systemadministration (w/m/d)'),
  ('2026-052', 'Projektleitung Statistik (w/m/d)');

CREATE TABLE application (
  application_id bigint PRIMARY KEY,
  applicant_id   bigint NOT NULL REFERENCES applicant,
  vacancy_no     varchar(10) NOT NULL REFERENCES vacancy,
  received_at    timestamptz NOT NULL,
  state          varchar(20) NOT NULL
);
CREATE INDEX ON application (applicant_id);

CREATE TABLE document (
  document_id    bigint PRIMARY KEY,
  application_id bigint NOT NULL REFERENCES application,
  kind           varchar(40) NOT NULL,
  file_name      varchar(200) NOT NULL,
  uploaded_at    timestamptz NOT NULL
);

CREATE TABLE interview (
  application_id bigint NOT NULL REFERENCES application,
  round          smallint NOT NULL,
  held_at        timestamptz NOT NULL,
  panel          varchar(300) NOT NULL,
  PRIMARY KEY (application_id, round)
);

CREATE TABLE assessment (
  application_id bigint NOT NULL,
  round          smallint NOT NULL,
  assessor       varchar(100) NOT NULL,
  points         smallint NOT NULL,
  remark         text,
  PRIMARY KEY (application_id, round, assessor),
  FOREIGN KEY (application_id, round) REFERENCES interview
);
