-- Letters of a case, the authority's own words for letters, and who of it
-- compared the catalogue of law with the text in force.

-- +goose Up
-- +goose StatementBegin
create table letter (
  id           uuid primary key,
  case_id      uuid not null,
  authority_id uuid not null,
  created_at   timestamptz not null,
  created_by   uuid not null,
  posted_on    date,
  effective_on date,
  sealed       bytea not null,
  pdf          bytea,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on letter (case_id, created_at);

create table letter_texts (
  id           uuid primary key,
  authority_id uuid not null references authority,
  sha256       bytea not null,
  source       text not null,
  imported_at  timestamptz not null,
  imported_by  uuid not null
);
create index on letter_texts (authority_id, imported_at desc);

create table law_confirmation (
  authority_id uuid not null references authority,
  sha256       bytea not null,
  by_staff     uuid not null,
  at           timestamptz not null,
  primary key (authority_id, sha256)
);

do $$
declare t regclass;
begin
  foreach t in array array['letter', 'letter_texts', 'law_confirmation']::regclass[]
  loop
    execute format('alter table %s enable row level security', t);
    execute format('alter table %s force row level security', t);
    execute format('create policy authority on %s using (authority_id = current_setting(''einsicht.authority'')::uuid)', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table law_confirmation, letter_texts, letter;
