-- Indexes of conversations with which a page of GET /api/conversations takes the same time however many conversations
-- there are, whatever its number. Without them, each page looks through all conversations of its caller.
--
-- conversations is your own table, so `make migrate` leaves it as it is. Run each statement by itself, outside a
-- transaction: `concurrently` lets the pipeline write meanwhile. Supabase's SQL editor runs a single statement that way;
-- psql does with `psql "$SUPABASE_DB_URL" -f sql/optional/conversations_indexes.sql`. If one is broken off, drop the
-- invalid index that it leaves, and run it again.

-- Newest and oldest first.
create index concurrently if not exists conversations_by_age_idx
  on public.conversations (created_by, created_at, conversation_id);

-- By score, in the words of the query: without a score last.
create index concurrently if not exists conversations_by_score_idx
  on public.conversations (created_by, (coalesce(-quality_score::numeric, 'Infinity'::numeric)), created_at, conversation_id);

-- With CONVERSATION_SCOPE=all, these two serve instead:
-- create index concurrently if not exists conversations_of_all_by_age_idx
--   on public.conversations (created_at, conversation_id);
-- create index concurrently if not exists conversations_of_all_by_score_idx
--   on public.conversations ((coalesce(-quality_score::numeric, 'Infinity'::numeric)), created_at, conversation_id);
