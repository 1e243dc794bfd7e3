-- Packages that another controller gets directly (Art. 20(2) GDPR).

-- +goose Up
-- +goose StatementBegin
create table transmission (
  id           uuid primary key,
  case_id      uuid not null,
  authority_id uuid not null,
  state        text not null check (state in ('sending', 'received', 'failed')),
  made_at   timestamptz not null,
  made_by   uuid not null,
  ended_at     timestamptz,
  sealed       bytea not null,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on transmission (case_id, made_at);

alter table transmission enable row level security;
alter table transmission force row level security;
create policy authority on transmission using (authority_id = current_setting('einsicht.authority')::uuid);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
drop table transmission;
-- +goose StatementEnd
