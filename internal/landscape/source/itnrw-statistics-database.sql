CREATE TABLE user_category (code varchar(20) PRIMARY KEY, name varchar(100) NOT NULL);
INSERT INTO user_category VALUES ('wissenschaft', 'Wissenschaft und Forschung'), ('wirtschaft', 'Wirtschaft'), ('privat', 'Privatperson');

CREATE TABLE account (
  account_id    bigint PRIMARY KEY,
  title         varchar(40),
  last_name     varchar(100) NOT NULL,
  first_name    varchar(100) NOT NULL,
  company       varchar(200),
  street        varchar(100),
  house_number  varchar(10),
  postcode      char(5),
  city          varchar(100),
  email         varchar(254) NOT NULL,
  phone         varchar(40),
  category_code varchar(20) NOT NULL REFERENCES user_category,
  opened_at     timestamptz NOT NULL,
  password_hash varchar(200) NOT NULL,
  blocked       boolean NOT NULL DEFAULT false
);

CREATE TABLE dataset (code varchar(10) PRIMARY KEY, title varchar(200) NOT NULL);
INSERT INTO dataset VALUES ('12411', 'Fortschreibung des Bevölkerungsstandes'), ('21311', 'Statistik der Studierenden'),
  ('61111', 'Verbraucherpreisindex');

CREATE TABLE account_dataset (
  account_id   bigint NOT NULL REFERENCES account,
  dataset_code varchar(10) NOT NULL REFERENCES dataset,
  granted_at   timestamptz NOT NULL,
  PRIMARY KEY (account_id, dataset_code)
);

CREATE TABLE invoice (
  year       smallint NOT NULL,
  invoice_no bigint NOT NULL,
  account_id bigint NOT NULL REFERENCES account,
  issued_on  date NOT NULL,
  total      numeric(10,2) NOT NULL,
  PRIMARY KEY (year, invoice_no)
);
CREATE INDEX ON invoice (account_id);

CREATE TABLE invoice_item (
  year         smallint NOT NULL,
  invoice_no   bigint NOT NULL,
  position     smallint NOT NULL,
  dataset_code varchar(10) NOT NULL REFERENCES dataset,
  price        numeric(10,2) NOT NULL,
  PRIMARY KEY (year, invoice_no, position),
  FOREIGN KEY (year, invoice_no) REFERENCES invoice
);
