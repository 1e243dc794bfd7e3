-- Who received data that were corrected, erased or restricted, and what became of
-- telling them (Art. 19 GDPR); and plans beside the one of the decision: what is
-- restricted before it, and what is lifted after it (Art. 18 GDPR).

-- +goose Up
-- +goose StatementBegin
alter table plan add column kind text not null default 'decision' check (kind in ('decision', 'meanwhile', 'lifting'));
alter table plan add column letter_id uuid; -- by which the person was told before
alter table plan add column said bytea;     -- why, sealed
alter table plan drop constraint plan_case_id_key;
create unique index plan_of_decision on plan (case_id) where kind = 'decision';
create index plan_of_case on plan (case_id);

alter table measure add column lift boolean not null default false;
create index measure_restricting on measure (authority_id, case_id) where ability = 'restrict' and state = 'done';

create table notice (
  id           uuid primary key,
  plan_id      uuid not null,
  case_id      uuid not null,
  authority_id uuid not null,
  state        text not null check (state in ('open', 'underway', 'sent', 'confirmed', 'impossible', 'none')),
  made_at      timestamptz not null,
  letter_id    uuid,
  sent_at      timestamptz,
  sealed       bytea not null,
  foreign key (plan_id, case_id) references plan (id, case_id) on delete cascade,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on notice (case_id, made_at);

alter table notice enable row level security;
alter table notice force row level security;
create policy authority on notice using (authority_id = current_setting('einsicht.authority')::uuid);
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
drop table notice;
alter table plan no force row level security; -- its policy asks for an authority
delete from plan where kind <> 'decision';
alter table plan force row level security;
drop index measure_restricting;
alter table measure drop column lift;
drop index plan_of_case;
drop index plan_of_decision;
alter table plan add unique (case_id);
alter table plan drop column kind, drop column letter_id, drop column said;
-- +goose StatementEnd
