-- Invitations of guests, beside those of members: each link is for one place.

alter table identity_invitation alter column member_id drop not null;
alter table identity_invitation add column guest_id uuid;
alter table identity_invitation add constraint identity_invitation_one_place check (num_nonnulls(member_id, guest_id) = 1);
alter table identity_invitation add constraint identity_invitation_guest
    foreign key (tenant_id, guest_id) references tenancy_guest (tenant_id, id) on delete cascade;
create index identity_invitation_of_guest on identity_invitation (tenant_id, guest_id);

alter table identity_invitation alter guest_id set statistics 0;
