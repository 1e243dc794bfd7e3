-- Where the contents of files lie that findings name: sealed, on the disk, under
-- this number. What stands there under another is nobody's.

-- +goose Up
-- +goose StatementBegin
create table body (
  id           uuid primary key,
  finding_id   uuid not null references finding on delete cascade,
  case_id      uuid not null,
  authority_id uuid not null,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on body (finding_id);
create index on body (case_id);

alter table body enable row level security;
alter table body force row level security;
create policy authority on body using (authority_id = current_setting('einsicht.authority')::uuid);
-- +goose StatementEnd

-- +goose Down
drop table body;
