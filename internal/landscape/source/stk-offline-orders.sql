-- Kept by year and running number, as on the paper before it.
CREATE TABLE offline_order (
  year           smallint NOT NULL,
  number         bigint NOT NULL,
  name           varchar(200),
  gender         varchar(20),
  address        varchar(300),
  email          varchar(254),
  phone          varchar(40),
  channel        varchar(20) NOT NULL,
  taken_at       timestamptz NOT NULL,
  appointment_at timestamptz,
  delivery_note  varchar(200),
  blocked        boolean NOT NULL DEFAULT false,
  PRIMARY KEY (year, number)
);

CREATE TABLE order_line (
  year     smallint NOT NULL,
  number   bigint NOT NULL,
  line     smallint NOT NULL,
  article  varchar(200) NOT NULL,
  quantity integer NOT NULL,
  PRIMARY KEY (year, number, line),
  FOREIGN KEY (year, number) REFERENCES offline_order
);

CREATE TABLE payment (
  year    smallint NOT NULL,
  number  bigint NOT NULL,
  method  varchar(20) NOT NULL,
  amount  numeric(8,2) NOT NULL,
  paid_on date NOT NULL,
  PRIMARY KEY (year, number),
  FOREIGN KEY (year, number) REFERENCES offline_order
);
