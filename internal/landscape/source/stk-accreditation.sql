CREATE TABLE event (code varchar(30) PRIMARY KEY, title varchar(200) NOT NULL);
INSERT INTO event VALUES ('nrw-tag', 'NRW-Tag'), ('ordensverleihung', 'Verleihung des Landesordens');

CREATE TABLE programme_item (
  event_code varchar(30) NOT NULL REFERENCES event,
  item_no    smallint NOT NULL,
  title      varchar(200) NOT NULL,
  PRIMARY KEY (event_code, item_no)
);
INSERT INTO programme_item SELECT code, n, (ARRAY['Eröffnung', 'Festakt', 'Pressegespräch'])[n] FROM event, generate_series(1, 3) n;

CREATE TABLE journalist (
  journalist_id     bigint PRIMARY KEY,
  first_name        varchar(100) NOT NULL,
  last_name         varchar(100) NOT NULL,
  born_on           date NOT NULL,
  birthplace        varchar(100),
  medium            varchar(100),
  editorial_office  varchar(100),
  street_and_number varchar(120),
  postcode          char(5),
  city              varchar(100),
  phone             varchar(40),
  email             varchar(254),
  role              varchar(100),
  blocked           boolean NOT NULL DEFAULT false
);

CREATE TABLE accreditation (
  event_code    varchar(30) NOT NULL REFERENCES event,
  journalist_id bigint NOT NULL REFERENCES journalist,
  applied_at    timestamptz NOT NULL,
  decision      varchar(20) NOT NULL,
  decided_on    date,
  PRIMARY KEY (event_code, journalist_id)
);

CREATE TABLE participation (
  event_code    varchar(30) NOT NULL,
  journalist_id bigint NOT NULL,
  item_no       smallint NOT NULL,
  PRIMARY KEY (event_code, journalist_id, item_no),
  FOREIGN KEY (event_code, journalist_id) REFERENCES accreditation,
  FOREIGN KEY (event_code, item_no) REFERENCES programme_item
);

CREATE TABLE shuttle (
  event_code    varchar(30) NOT NULL,
  journalist_id bigint NOT NULL,
  direction     varchar(10) NOT NULL,
  pickup_point  varchar(100) NOT NULL,
  PRIMARY KEY (event_code, journalist_id, direction),
  FOREIGN KEY (event_code, journalist_id) REFERENCES accreditation
);
