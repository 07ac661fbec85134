-- Agreements on instalments and claims that stand tie money from now on, as new ones do: what comes for them covers what they name.
WITH act AS (
    SELECT 'plan' AS act, p.id, p.account_id, 'instalment' AS kind, d.number, p.document_id, p.agreed_by AS by
    FROM debt.plan p JOIN archive.document d ON d.id = p.document_id
    WHERE p.state = 'active'
    UNION ALL
    SELECT 'claim', c.id, c.account_id, CASE WHEN c.state IN ('enforced', 'impossible') THEN 'bailiff' ELSE 'court' END,
           coalesce((SELECT s.number FROM debt.claim_step s
                     WHERE s.claim_id = c.id AND s.taken_back_at IS NULL AND s.number IS NOT NULL ORDER BY s.id DESC LIMIT 1), d.number),
           c.document_id, c.prepared_by
    FROM debt.claim c JOIN archive.document d ON d.id = c.document_id
    WHERE c.ended_on IS NULL
),
made AS (
    INSERT INTO payments.earmark (account_id, kind, reference, document_id, act, act_id, recorded_by)
    SELECT account_id, kind, coalesce(nullif(btrim(number), ''), id::text), document_id, act, id, by FROM act
    RETURNING id, account_id, act, act_id
)
INSERT INTO payments.earmark_item (earmark_id, account_id, open_item_id, amount)
SELECT m.id, m.account_id, x.open_item_id, x.amount
FROM made m
JOIN (
    SELECT 'plan' AS act, plan_id AS id, open_item_id, amount FROM debt.plan_item
    UNION ALL
    SELECT source, source_id, open_item_id, amount FROM ledger.bond WHERE source = 'claim'
) x ON x.act = m.act AND x.id = m.act_id;
