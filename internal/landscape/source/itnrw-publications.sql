CREATE TABLE customer (
  customer_id  bigint PRIMARY KEY,
  first_name   varchar(100) NOT NULL,
  last_name    varchar(100) NOT NULL,
  street       varchar(100),
  house_number varchar(10),
  postcode     char(5),
  city         varchar(100),
  phone        varchar(40),
  email        varchar(254),
  blocked      boolean NOT NULL DEFAULT false
);

CREATE TABLE publication (number varchar(10) PRIMARY KEY, title varchar(200) NOT NULL);
INSERT INTO publication VALUES ('Z051', 'Statistisches Jahrbuch'), ('A181', 'Bevölkerung der Gemeinden'), ('K113', 'Kreisstandardzahlen');

CREATE TABLE publication_order (
  order_id    bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customer,
  ordered_at  timestamptz NOT NULL,
  remark      text
);

CREATE TABLE order_publication (
  order_id       bigint NOT NULL REFERENCES publication_order,
  publication_no varchar(10) NOT NULL REFERENCES publication,
  copies         integer NOT NULL,
  PRIMARY KEY (order_id, publication_no)
);
