CREATE TABLE list (code varchar(20) PRIMARY KEY, name varchar(100) NOT NULL);
INSERT INTO list VALUES ('statistik', 'Statistik aktuell'), ('presse', 'Pressemitteilungen'), ('geodaten', 'Geodaten');

CREATE TABLE unsubscription (
  list_code       varchar(20) NOT NULL REFERENCES list,
  email           varchar(254) NOT NULL,
  unsubscribed_at timestamptz NOT NULL,
  PRIMARY KEY (list_code, email)
);

CREATE TABLE unsubscription_mail (
  list_code varchar(20) NOT NULL,
  email     varchar(254) NOT NULL,
  mail_no   smallint NOT NULL,
  delivered boolean NOT NULL,
  PRIMARY KEY (list_code, email, mail_no),
  FOREIGN KEY (list_code, email) REFERENCES unsubscription
);
