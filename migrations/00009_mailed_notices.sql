-- Notices to recipients that a mail announces (Art. 19 GDPR): by which number and
-- code each is read, until when, and how often somebody entered something wrong.

-- +goose Up
-- +goose StatementBegin
alter table notice add column number text;
alter table notice add column code_mac bytea;
alter table notice add column expires_on date;
alter table notice add column attempts integer not null default 0;
create unique index notice_number on notice (number);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
alter table notice no force row level security; -- its policy asks for an authority
update notice set state = 'open' where state = 'underway' and number is not null;
alter table notice force row level security;
drop index notice_number;
alter table notice drop column number, drop column code_mac, drop column expires_on, drop column attempts;
-- +goose StatementEnd
