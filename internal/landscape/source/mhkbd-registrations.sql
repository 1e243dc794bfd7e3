CREATE TABLE course (course_no varchar(20) PRIMARY KEY, title varchar(200) NOT NULL);
INSERT INTO course VALUES ('EXC-2', 'Tabellen für Fortgeschrittene'), ('LIN-1', 'Linux auf dem Server'), ('DSG-4', 'Datenschutz im Alltag');

CREATE TABLE attendee (
  attendee_no bigint PRIMARY KEY,
  first_name  varchar(100),
  last_name   varchar(100),
  office      varchar(200),
  email       varchar(254),
  blocked     boolean NOT NULL DEFAULT false
);

CREATE TABLE course_registration (
  course_no     varchar(20) NOT NULL REFERENCES course,
  attendee_no   bigint NOT NULL REFERENCES attendee,
  registered_at timestamptz NOT NULL,
  message       text,
  PRIMARY KEY (course_no, attendee_no)
);

CREATE TABLE certificate (
  course_no   varchar(20) NOT NULL,
  attendee_no bigint NOT NULL,
  issue       smallint NOT NULL,
  issued_on   date NOT NULL,
  PRIMARY KEY (course_no, attendee_no, issue),
  FOREIGN KEY (course_no, attendee_no) REFERENCES course_registration
);
