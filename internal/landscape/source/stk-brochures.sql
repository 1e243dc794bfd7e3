CREATE TABLE customer (
  customer_no   bigint PRIMARY KEY,
  salutation    varchar(20),
  first_name    varchar(100),
  last_name     varchar(100),
  company       varchar(200),
  street        varchar(100),
  house_number  varchar(10),
  address_extra varchar(100),
  postcode      char(5),
  city          varchar(100),
  state         varchar(60),
  country       varchar(60),
  phone         varchar(40),
  mobile        varchar(40),
  fax           varchar(40),
  email         varchar(254),
  bookseller    boolean NOT NULL DEFAULT false,
  blocked       boolean NOT NULL DEFAULT false
);

CREATE TABLE bank_account (
  customer_no bigint PRIMARY KEY REFERENCES customer,
  iban        varchar(42) NOT NULL,
  holder      varchar(200) NOT NULL,
  bic         varchar(11),
  bank        varchar(100)
);

CREATE TABLE customer_order (
  order_no      bigint PRIMARY KEY,
  customer_no   bigint NOT NULL REFERENCES customer,
  placed_at     timestamptz NOT NULL,
  username      varchar(60),
  ip_address    inet,
  dispatched_on date
);
CREATE INDEX ON customer_order (customer_no);

CREATE TABLE article (article_no varchar(10) PRIMARY KEY, title varchar(200) NOT NULL, price numeric(8,2) NOT NULL);
INSERT INTO article VALUES ('B-0815', 'Nordrhein-Westfalen entdecken', 0), ('B-1946', 'Wie das Land entstand', 4.50),
  ('B-2024', 'Zahlen und Daten', 0), ('B-3001', 'Leichte Sprache: Unser Land', 0);

CREATE TABLE order_item (
  order_no   bigint NOT NULL REFERENCES customer_order,
  article_no varchar(10) NOT NULL REFERENCES article,
  quantity   integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_no, article_no)
);
