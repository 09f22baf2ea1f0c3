-- Building an export: begun or found, claimed under a lease, and ended as ready or failed. Every function is safe to call
-- again with the same arguments.

-- The export that a request is about: the one that is there, or a new one. Without p_revision and p_tag, of the current
-- one. The training file's name and the tags of the revision are kept with it, so that whoever takes it over after a
-- renaming still writes the same bytes.
-- It is for a worker in the background when the revision's JSON has more than p_waits_up_to_bytes; null means never.
-- Outcomes: begun (the caller builds it, or queues it where it is for the background) | building (others do) | ready
-- | not_found | no_revision | processing.
drop function if exists public.begin_training_file_export(uuid, uuid, uuid, integer, jsonb, uuid, integer, bigint);
create or replace function public.begin_training_file_export(
  p_export_id         uuid,
  p_training_file_id  uuid,
  p_owner             uuid,
  p_revision          integer,
  p_request           jsonb,
  p_worker            uuid,
  p_lease_seconds     integer,
  p_waits_up_to_bytes bigint default null,
  p_tag               text default null
) returns jsonb language plpgsql set search_path = '' as $$
declare
  file    public.training_files;
  base    public.training_file_revisions;
  export  public.training_file_exports;
  -- jsonb spells the same value the same way.
  wanted  constant text := p_request::text;
  at_once boolean;
  begun   boolean := false;
begin
  select * into file from public.training_files f
  where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)
  for key share;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif file.revision = 0 then
    return jsonb_build_object('outcome', 'processing');
  end if;

  base := public.kept_training_file_revision(file.id, coalesce(p_revision, file.revision), p_tag);
  if base.id is null then
    return jsonb_build_object('outcome', 'no_revision');
  end if;
  at_once := p_waits_up_to_bytes is null or base.json_file_size <= p_waits_up_to_bytes;

  -- Between the two statements the one that is there may end as failed, which makes room for a new one.
  for attempt in 1..5 loop
    insert into public.training_file_exports (
      id, training_file_id, revision, key, request, background, lease_owner, lease_expires_at, created_by)
    values (p_export_id, file.id, base.number, wanted,
            p_request || jsonb_build_object('name', file.name, 'target_model', file.target_model, 'tags', (
              select coalesce(jsonb_agg(t.name order by t.name collate "C"), '[]')
              from public.training_file_tags t where t.revision_id = base.id)),
            not at_once,
            case when at_once then p_worker end,
            case when at_once then now() + make_interval(secs => p_lease_seconds) end,
            coalesce(p_owner, file.created_by))
    on conflict do nothing
    returning * into export;
    begun := found;
    exit when begun;
    select * into export from public.training_file_exports e
    where e.training_file_id = file.id and e.revision = base.number and e.key = wanted and e.status <> 'failed'
    for update;
    exit when found;
  end loop;
  if export.id is null then
    raise exception 'the export % has failed already', p_export_id;
  end if;

  if not begun and export.status = 'building' then
    if export.id = p_export_id then
      begun := true;
    elsif coalesce(export.lease_expires_at <= now(), at_once) then
      -- Whoever was at it is lost, or nobody has begun yet and there is no need to wait for a worker.
      update public.training_file_exports e
      set background = not at_once,
          lease_owner = case when at_once then p_worker end,
          lease_expires_at = case when at_once then now() + make_interval(secs => p_lease_seconds) end
      where e.id = export.id returning e.* into export;
      begun := true;
    end if;
  end if;
  if not begun and export.status = 'ready' then
    update public.training_file_exports e set used_at = now() where e.id = export.id returning e.* into export;
  end if;
  return jsonb_build_object(
    'outcome', case when begun then 'begun' else export.status end,
    'export', to_jsonb(export), 'revision', to_jsonb(base) - 'requested');
end
$$;

-- Those who use an export say so in its row.
drop function if exists public.use_training_file_export(uuid, uuid);

-- Who builds an export in the background. A lease that nobody renews expires; whoever comes next writes the same bytes
-- into the same folder, so that it does no harm if the one before is still at it.
-- Outcomes: claimed | leased (someone is at it) | finished | gone.
create or replace function public.claim_training_file_export(
  p_export_id     uuid,
  p_worker        uuid,
  p_lease_seconds integer
) returns jsonb language plpgsql set search_path = '' as $$
declare
  export public.training_file_exports;
begin
  select * into export from public.training_file_exports e where e.id = p_export_id for update;
  if not found then
    return jsonb_build_object('outcome', 'gone');
  elsif export.status <> 'building' then
    return jsonb_build_object('outcome', 'finished');
  elsif export.lease_owner <> p_worker and export.lease_expires_at > now() then
    return jsonb_build_object('outcome', 'leased');
  end if;

  update public.training_file_exports e
  set lease_owner = p_worker, lease_expires_at = now() + make_interval(secs => p_lease_seconds)
  where e.id = export.id returning e.* into export;
  return jsonb_build_object(
    'outcome', 'claimed', 'export', to_jsonb(export),
    'revision', (
      select to_jsonb(r) - 'requested' from public.training_file_revisions r
      where r.training_file_id = export.training_file_id and r.number = export.revision and r.status = 'committed'));
end
$$;

create or replace function public.renew_training_file_export(
  p_export_id     uuid,
  p_worker        uuid,
  p_lease_seconds integer
) returns void language sql set search_path = '' as $$
  update public.training_file_exports e set lease_expires_at = now() + make_interval(secs => p_lease_seconds)
  where e.id = p_export_id and e.status = 'building' and e.lease_owner = p_worker;
$$;

-- Gives a lease back, so that the export is taken up again at once.
create or replace function public.release_training_file_export(p_export_id uuid, p_worker uuid)
returns void language sql set search_path = '' as $$
  update public.training_file_exports e set lease_expires_at = now()
  where e.id = p_export_id and e.status = 'building' and e.lease_owner = p_worker;
$$;

-- The export as it is ready; null where it has failed or is gone. Of several who built it, the first one counts.
create or replace function public.commit_training_file_export(p_export_id uuid, p_result jsonb)
returns jsonb language plpgsql set search_path = '' as $$
begin
  update public.training_file_exports e
  set status = 'ready', result = p_result, lease_expires_at = null, finished_at = now()
  where e.id = p_export_id and e.status = 'building';
  return (select to_jsonb(e) from public.training_file_exports e where e.id = p_export_id and e.status = 'ready');
end
$$;

-- The names of all objects in the folders of exports, whether or not these are still there. Byte by byte, as the index of
-- the bucket's names has them: a name in a folder is behind the folder with a slash and before it with a nought.
create or replace function public.list_training_file_export_objects(p_export_ids jsonb)
returns jsonb language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(o.name order by o.name collate "C"), '[]')
  from jsonb_array_elements_text(p_export_ids) as folder (id)
  join storage.objects o on o.bucket_id = 'training-files' and o.name ~>=~ (folder.id || '/') and o.name ~<~ (folder.id || '0')
$$;

-- The end of an export that cannot succeed, said by whoever builds it, or before anyone does. Whether it has failed.
create or replace function public.fail_training_file_export(p_export_id uuid, p_worker uuid, p_error jsonb)
returns boolean language plpgsql set search_path = '' as $$
begin
  update public.training_file_exports e
  set status = 'failed', error = p_error, lease_expires_at = null, finished_at = now()
  where e.id = p_export_id and e.status = 'building' and (e.lease_owner is null or e.lease_owner = p_worker);
  return exists (select from public.training_file_exports e where e.id = p_export_id and e.status = 'failed');
end
$$;
