-- Days that are worked on, or not, against their weekday. Loaded year by year: decrees move days off, no formula knows them.
CREATE TABLE ledger.calendar_day (
    day         date PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('holiday', 'moved', 'working')),
    name        text NOT NULL CHECK (btrim(name) <> ''),
    source      text NOT NULL CHECK (btrim(source) <> ''),
    document_id bigint REFERENCES archive.document,
    demo        boolean NOT NULL DEFAULT false,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.calendar_day IS 'A day off, or a working one, against its weekday (производственный календарь).';
COMMENT ON COLUMN ledger.calendar_day.name IS 'What the day is, as the act says it.';
COMMENT ON COLUMN ledger.calendar_day.demo IS 'Not certain: to be confirmed by the act.';

INSERT INTO ledger.calendar_day (day, kind, name, source, demo, recorded_by)
SELECT d.day::date, d.kind, d.name, 'Law on holidays of 13.12.2001 N 267, transfer decrees', d.demo, 'migration'
FROM (VALUES
    ('2025-01-01', 'holiday', 'Жаңа жыл / Новый год', false),
    ('2025-01-02', 'holiday', 'Жаңа жыл / Новый год', false),
    ('2025-01-03', 'moved', '5 қаңтардың орнына / за 5 января', false),
    ('2025-01-05', 'working', '3 қаңтардың орнына / за 3 января', false),
    ('2025-01-07', 'holiday', 'Рождество / Рождество', false),
    ('2025-03-08', 'holiday', 'Халықаралық әйелдер күні / Международный женский день', false),
    ('2025-03-10', 'moved', '8 наурыздың орнына / за 8 марта', false),
    ('2025-03-21', 'holiday', 'Наурыз мейрамы / Наурыз', false),
    ('2025-03-22', 'holiday', 'Наурыз мейрамы / Наурыз', false),
    ('2025-03-23', 'holiday', 'Наурыз мейрамы / Наурыз', false),
    ('2025-03-24', 'moved', '22 наурыздың орнына / за 22 марта', false),
    ('2025-03-25', 'moved', '23 наурыздың орнына / за 23 марта', false),
    ('2025-05-01', 'holiday', 'Қазақстан халқының бірлігі мерекесі / Праздник единства народа Казахстана', false),
    ('2025-05-07', 'holiday', 'Отан қорғаушы күні / День защитника Отечества', false),
    ('2025-05-09', 'holiday', 'Жеңіс күні / День Победы', false),
    ('2025-06-06', 'holiday', 'Құрбан айт / Курбан-айт', false),
    ('2025-07-06', 'holiday', 'Астана күні / День столицы', false),
    ('2025-07-07', 'moved', '6 шілденің орнына / за 6 июля', false),
    ('2025-08-30', 'holiday', 'Конституция күні / День Конституции', false),
    ('2025-09-01', 'moved', '30 тамыздың орнына / за 30 августа', false),
    ('2025-10-25', 'holiday', 'Республика күні / День Республики', false),
    ('2025-10-27', 'moved', '25 қазанның орнына / за 25 октября', false),
    ('2025-12-16', 'holiday', 'Тәуелсіздік күні / День Независимости', false),
    ('2026-01-01', 'holiday', 'Жаңа жыл / Новый год', false),
    ('2026-01-02', 'holiday', 'Жаңа жыл / Новый год', false),
    ('2026-01-07', 'holiday', 'Рождество / Рождество', false),
    ('2026-03-08', 'holiday', 'Халықаралық әйелдер күні / Международный женский день', false),
    ('2026-03-09', 'moved', '8 наурыздың орнына / за 8 марта', true),
    ('2026-03-21', 'holiday', 'Наурыз мейрамы / Наурыз', false),
    ('2026-03-22', 'holiday', 'Наурыз мейрамы / Наурыз', false),
    ('2026-03-23', 'holiday', 'Наурыз мейрамы / Наурыз', false),
    ('2026-03-24', 'moved', '21 наурыздың орнына / за 21 марта', true),
    ('2026-03-25', 'moved', '22 наурыздың орнына / за 22 марта', true),
    ('2026-05-01', 'holiday', 'Қазақстан халқының бірлігі мерекесі / Праздник единства народа Казахстана', false),
    ('2026-05-07', 'holiday', 'Отан қорғаушы күні / День защитника Отечества', false),
    ('2026-05-09', 'holiday', 'Жеңіс күні / День Победы', false),
    ('2026-05-11', 'moved', '9 мамырдың орнына / за 9 мая', true),
    ('2026-05-27', 'holiday', 'Құрбан айт / Курбан-айт', true),
    ('2026-07-06', 'holiday', 'Астана күні / День столицы', false),
    ('2026-10-25', 'holiday', 'Республика күні / День Республики', false),
    ('2026-10-26', 'moved', '25 қазанның орнына / за 25 октября', true),
    ('2026-12-16', 'holiday', 'Тәуелсіздік күні / День Независимости', false)
) d (day, kind, name, demo);

INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT 'billing.due_shift', '"as_is"'::jsonb, s.valid, 'Civil Code, article 177: whether it applies to bills is to be confirmed',
       s.proposed_by, s.confirmed_by, now(), true
FROM tariffs.setting s
WHERE s.code = 'payments.allocation_order' AND s.demo AND s.confirmed_by IS NOT NULL AND upper_inf(s.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting o WHERE o.code = 'billing.due_shift');
