-- The whole database on one page. A new shop runs only this file; an older one runs the numbered
-- files in src/db/migrations past its user_version, and a test holds the two ways equal.
-- Instants (`_at`) are UTC epoch milliseconds, days (`_on`) are YYYY-MM-DD in Taiwan, weights are grams.
-- Where rows come by the hundred thousand a CHECK names its words with OR: SQLite builds a small table for every
-- IN of three words or more, row by row, and an import took three times as long.

-- What the shop has chosen, a row a choice; the names are listed in src/settings/mod.rs.
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Somebody who may sign in. Never deleted, only switched off, because the journal names them.
CREATE TABLE users (
    id                   INTEGER PRIMARY KEY,
    username             TEXT    NOT NULL UNIQUE COLLATE NOCASE CHECK (length(username) BETWEEN 1 AND 40),
    name                 TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    role                 TEXT    NOT NULL CHECK (role IN ('admin', 'manager', 'accountant', 'office_staff', 'driver')),
    password_hash        TEXT    NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    text_size            TEXT    NOT NULL DEFAULT 'medium' CHECK (text_size IN ('small', 'medium', 'large', 'huge')),
    is_active            INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    last_seen_at         INTEGER,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    version              INTEGER NOT NULL DEFAULT 1
) STRICT;

-- One signed-in browser. The token itself is only in its cookie; here stands its SHA-256.
CREATE TABLE sessions (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    device     TEXT    NOT NULL,               -- 電腦 or 手機, for the users page
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);

-- When and from where each of them last asked for something; goes with its session.
CREATE TABLE sessions_seen (
    token_hash BLOB    NOT NULL PRIMARY KEY REFERENCES sessions (token_hash) ON DELETE CASCADE,
    seen_at    INTEGER NOT NULL,
    address    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong passwords in a row, by the name typed, whether or not such a user exists.
CREATE TABLE sign_in_tries (
    username        TEXT    NOT NULL PRIMARY KEY COLLATE NOCASE,
    failed          INTEGER NOT NULL CHECK (0 <= failed),
    last_failed_at  INTEGER NOT NULL,
    locked_until_at INTEGER
) STRICT, WITHOUT ROWID;

-- What changed, who did it and when, written in the same transaction as the change.
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    user_id INTEGER REFERENCES users (id) ON DELETE RESTRICT, -- NULL: the program itself or its command line
    verb    TEXT    NOT NULL,
    noun    TEXT    NOT NULL,
    noun_id INTEGER,
    change  TEXT    NOT NULL CHECK (json_valid(change))       -- {"before": …, "after": …} or what the verb needs
) STRICT;
CREATE INDEX journal_noun ON journal (noun, noun_id);
CREATE INDEX journal_user ON journal (user_id);
CREATE INDEX journal_at ON journal (at);
CREATE INDEX journal_kind ON journal (noun);
CREATE INDEX journal_verb ON journal (verb);
CREATE TRIGGER journal_keeps BEFORE DELETE ON journal BEGIN SELECT raise(ABORT, 'the journal is never shortened'); END;
CREATE TRIGGER journal_stands BEFORE UPDATE ON journal BEGIN SELECT raise(ABORT, 'the journal is never rewritten'); END;

-- One run of one scheduled job.
CREATE TABLE job_runs (
    id          INTEGER PRIMARY KEY,
    job         TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    outcome     TEXT    CHECK (outcome IN ('done', 'failed')),
    counts      TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(counts)),
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
) STRICT;
CREATE INDEX job_runs_job ON job_runs (job, started_at);
CREATE INDEX job_runs_latest ON job_runs (job);             -- as they were begun: the clock may have been set back

-- One batch of files brought in together: all of it is written or none of it.
CREATE TABLE imports (
    id            INTEGER PRIMARY KEY,
    applied_at    INTEGER NOT NULL,
    user_id       INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    report        TEXT    NOT NULL CHECK (json_valid(report)),  -- the object `luckygas import --json` prints, less its problems
    taken_back_at INTEGER
) STRICT;
CREATE INDEX imports_user ON imports (user_id);

-- A cell or a row of an import that was not taken as it stood, and what was done instead.
CREATE TABLE import_problems (
    import_id   INTEGER NOT NULL REFERENCES imports (id) ON DELETE RESTRICT,
    seq         INTEGER NOT NULL,
    file        TEXT    NOT NULL,
    sheet       TEXT,
    row_no      INTEGER,
    column_name TEXT,
    value       TEXT,
    kind        TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    PRIMARY KEY (import_id, seq)
) STRICT, WITHOUT ROWID;

-- How a row that an import changed looked before, so that the import can be taken back.
CREATE TABLE import_changes (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE RESTRICT,
    seq       INTEGER NOT NULL,
    noun      TEXT    NOT NULL,
    noun_id   INTEGER NOT NULL,
    before    TEXT    NOT NULL CHECK (json_valid(before)),
    PRIMARY KEY (import_id, seq)
) STRICT, WITHOUT ROWID;

-- A source row word for word, wherever it says more than a code and a date.
CREATE TABLE import_rows (
    id          INTEGER PRIMARY KEY,
    import_id   INTEGER NOT NULL REFERENCES imports (id) ON DELETE RESTRICT,
    file        TEXT    NOT NULL,
    row_no      INTEGER NOT NULL,
    customer_id INTEGER REFERENCES customers (id) ON DELETE RESTRICT,
    raw         TEXT    NOT NULL CHECK (json_valid(raw))       -- {heading: text as it stood}
) STRICT;
CREATE INDEX import_rows_import ON import_rows (import_id);
CREATE INDEX import_rows_customer ON import_rows (customer_id);

-- A delivery area, by the letter and name on the shop's wall map: A-甲區.
CREATE TABLE areas (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 40)
) STRICT;

-- Somebody gas is brought to. Never deleted; terminated or switched off instead.
CREATE TABLE customers (
    id                   INTEGER PRIMARY KEY,
    customer_code        TEXT    NOT NULL UNIQUE CHECK (length(customer_code) BETWEEN 1 AND 20),
    short_name           TEXT    NOT NULL CHECK (length(short_name) BETWEEN 1 AND 100),
    invoice_title        TEXT    CHECK (length(invoice_title) <= 200),
    address              TEXT    CHECK (length(address) <= 500),
    area_id              INTEGER REFERENCES areas (id) ON DELETE RESTRICT,
    contact_name         TEXT,
    tax_id               TEXT,
    customer_type        TEXT,                  -- the shop's own word: 學校, 市場 …
    notes                TEXT    CHECK (length(notes) <= 500),
    access_note          TEXT    CHECK (length(access_note) <= 500), -- floor, dog, guard

    pricing_method       TEXT    NOT NULL DEFAULT 'cylinder' CHECK (pricing_method = 'cylinder' OR pricing_method = 'flow' OR pricing_method = 'mixed'),
    payment_terms        TEXT    NOT NULL DEFAULT 'cash' CHECK (payment_terms = 'cash' OR payment_terms = 'monthly' OR payment_terms = 'transfer'),
    needs_billing_file   INTEGER NOT NULL DEFAULT 0 CHECK (needs_billing_file IN (0, 1)),
    is_subscription      INTEGER NOT NULL DEFAULT 0 CHECK (is_subscription IN (0, 1)),
    has_telemetry        INTEGER NOT NULL DEFAULT 0 CHECK (has_telemetry IN (0, 1)),
    on_patrol            INTEGER CHECK (on_patrol IN (0, 1)),        -- NULL: nobody has said
    patrol_note          TEXT,
    same_day_required    INTEGER NOT NULL DEFAULT 0 CHECK (same_day_required IN (0, 1)),
    same_day_note        TEXT,
    equipment_owner_note TEXT,
    site_declaration     TEXT,
    changeover_model     TEXT,

    available_hours      INTEGER NOT NULL DEFAULT 0 CHECK (available_hours BETWEEN 0 AND 4095), -- bit 0 = 08-09; 0: unknown, any hour
    time_period          INTEGER CHECK (time_period BETWEEN 0 AND 3), -- 0 all day, 1 morning, 2 afternoon, 3 evening
    closed_weekdays      INTEGER NOT NULL DEFAULT 0 CHECK (closed_weekdays BETWEEN 0 AND 127),  -- bit 0 = Monday
    closed_on_holidays   INTEGER NOT NULL DEFAULT 0 CHECK (closed_on_holidays IN (0, 1)),
    closed_text          TEXT,                  -- as written, when it says more than the two above
    vehicle_type         INTEGER NOT NULL DEFAULT 0 CHECK (vehicle_type BETWEEN 0 AND 2),       -- 0 any, 1 truck, 2 motorcycle

    monthly_delivered_g  INTEGER CHECK (0 <= monthly_delivered_g),
    monthly_residual_g   INTEGER CHECK (0 <= monthly_residual_g),
    avg_daily_g          INTEGER CHECK (0 <= avg_daily_g),           -- used only while the month is unknown
    series_g             INTEGER CHECK (0 <= series_g),
    reserve_g            INTEGER CHECK (0 <= reserve_g),
    imported_cycle_days  REAL,                  -- what the sheet said; the live figures are computed
    imported_slip_days   REAL,
    imported_margin_kg   REAL,
    supply_area_count    INTEGER CHECK (supply_area_count BETWEEN 0 AND 99),
    spare_text           TEXT,
    legacy_cylinder_text TEXT,

    is_walk_in           INTEGER NOT NULL DEFAULT 0 CHECK (is_walk_in IN (0, 1)),
    is_active            INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    is_terminated        INTEGER NOT NULL DEFAULT 0 CHECK (is_terminated IN (0, 1)),
    is_placeholder       INTEGER NOT NULL DEFAULT 0 CHECK (is_placeholder IN (0, 1)), -- known only from delivery rows so far
    first_source         TEXT    NOT NULL CHECK (first_source = 'office' OR first_source = 'clients' OR first_source = 'history' OR first_source = 'legacy' OR first_source = 'commercial' OR first_source = 'plan'),
    named_on             TEXT,                  -- the newest history row a placeholder took its name from
    import_id            INTEGER REFERENCES imports (id) ON DELETE RESTRICT,          -- the import that created it
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    version              INTEGER NOT NULL DEFAULT 1
) STRICT;
-- Wide enough that the list of customers, its counts and the areas are read from it alone.
CREATE INDEX customers_area ON customers (area_id, customer_code, short_name, is_active, is_terminated, is_placeholder, pricing_method, payment_terms);
CREATE INDEX customers_code ON customers (length(customer_code), customer_code);  -- codes as numbers, in their order
CREATE INDEX customers_name ON customers (short_name);
CREATE INDEX customers_address ON customers (address) WHERE address IS NOT NULL;
CREATE INDEX customers_tax_id ON customers (tax_id) WHERE tax_id IS NOT NULL;
CREATE INDEX customers_import ON customers (import_id) WHERE import_id IS NOT NULL;

-- What a customer is found by: code, names, address and phone digits, folded as values/text.rs says,
-- one to a line. Narrow, so that reading all of it takes about a millisecond.
CREATE TABLE customer_search (
    customer_id INTEGER PRIMARY KEY REFERENCES customers (id) ON DELETE RESTRICT,
    key         TEXT    NOT NULL
) STRICT;

-- A number that reaches a customer.
CREATE TABLE customer_phones (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    position    INTEGER NOT NULL CHECK (1 <= position),
    e164        TEXT    NOT NULL CHECK (e164 GLOB '+886[0-9]*'),
    extension   TEXT,
    label       TEXT,                           -- 廚房, 老闆晚上 …
    raw         TEXT    NOT NULL,               -- as it was typed
    UNIQUE (customer_id, position)
) STRICT;
CREATE INDEX customer_phones_e164 ON customer_phones (e164);

-- How many cylinders of a product stand at a customer, as last counted or imported.
CREATE TABLE customer_cylinders (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    product     TEXT    NOT NULL,               -- a code of values/product.rs: C20, F50 …
    qty         INTEGER NOT NULL CHECK (qty BETWEEN 0 AND 999),
    PRIMARY KEY (customer_id, product)
) STRICT, WITHOUT ROWID;

-- A place at the customer where gas burns: 煎台16*1. The text is what people edit; it is parsed when read.
CREATE TABLE usage_areas (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    seq         INTEGER NOT NULL CHECK (seq BETWEEN 1 AND 5),
    raw_text    TEXT    NOT NULL,
    PRIMARY KEY (customer_id, seq)
) STRICT, WITHOUT ROWID;

-- A device fitted at the customer.
CREATE TABLE customer_equipment (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    device      TEXT    NOT NULL,               -- a word of customers/equipment.rs: flow_meter, smart_scale …
    note        TEXT,
    PRIMARY KEY (customer_id, device)
) STRICT, WITHOUT ROWID;

-- The last client list that told of a customer: each of the 76 columns as it is stored after repair.
CREATE TABLE customer_sheets (
    customer_id INTEGER PRIMARY KEY REFERENCES customers (id) ON DELETE RESTRICT,
    import_id   INTEGER NOT NULL REFERENCES imports (id) ON DELETE RESTRICT,
    cells       TEXT    NOT NULL CHECK (json_valid(cells))  -- {heading: text}, empty cells left out
) STRICT;
CREATE INDEX customer_sheets_import ON customer_sheets (import_id);

-- How a delivery row named the customer, where many rows share one spelling.
CREATE TABLE recorded_names (
    id         INTEGER PRIMARY KEY,
    title      TEXT,
    short_name TEXT,
    address    TEXT
) STRICT;

-- Gas brought to one customer on one day: the last six months, what the day's work touches.
-- An unknown quantity is NULL, never 0.
CREATE TABLE deliveries (
    id           INTEGER PRIMARY KEY,
    customer_id  INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    delivered_on TEXT    NOT NULL CHECK (delivered_on GLOB '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    source       TEXT    NOT NULL CHECK (source = 'history' OR source = 'legacy' OR source = 'commercial' OR source = 'live'),
    at_time      TEXT    CHECK (at_time GLOB '[0-2][0-9]:[0-5][0-9]'),
    qty_50       INTEGER CHECK (qty_50 BETWEEN 0 AND 999),
    qty_20       INTEGER CHECK (qty_20 BETWEEN 0 AND 999),
    qty_16       INTEGER CHECK (qty_16 BETWEEN 0 AND 999),
    qty_10       INTEGER CHECK (qty_10 BETWEEN 0 AND 999),
    qty_4        INTEGER CHECK (qty_4 BETWEEN 0 AND 999),
    driver_name  TEXT,
    note         TEXT,
    recorded_id  INTEGER,                       -- in recorded_names; plain, for a key here would cost every
    import_id    INTEGER                        -- import an index nobody reads by; `luckygas check` looks
) STRICT;
CREATE INDEX deliveries_customer ON deliveries (customer_id, delivered_on);
CREATE INDEX deliveries_day ON deliveries (delivered_on);

-- The same, older and closed. Its ids are never used again in `deliveries`.
CREATE TABLE delivery_history (
    id           INTEGER PRIMARY KEY,
    customer_id  INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    delivered_on TEXT    NOT NULL CHECK (delivered_on GLOB '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    source       TEXT    NOT NULL CHECK (source = 'history' OR source = 'legacy' OR source = 'commercial' OR source = 'live'),
    at_time      TEXT    CHECK (at_time GLOB '[0-2][0-9]:[0-5][0-9]'),
    qty_50       INTEGER CHECK (qty_50 BETWEEN 0 AND 999),
    qty_20       INTEGER CHECK (qty_20 BETWEEN 0 AND 999),
    qty_16       INTEGER CHECK (qty_16 BETWEEN 0 AND 999),
    qty_10       INTEGER CHECK (qty_10 BETWEEN 0 AND 999),
    qty_4        INTEGER CHECK (qty_4 BETWEEN 0 AND 999),
    driver_name  TEXT,
    note         TEXT,
    recorded_id  INTEGER,                       -- in recorded_names; plain, for a key here would cost every
    import_id    INTEGER                        -- import an index nobody reads by; `luckygas check` looks
) STRICT;
CREATE INDEX delivery_history_customer ON delivery_history (customer_id, delivered_on);
CREATE INDEX delivery_history_day ON delivery_history (delivered_on);

-- A row here, for the length of one transaction, lets an import complete or take back closed deliveries.
CREATE TABLE history_open (
    import_id INTEGER NOT NULL PRIMARY KEY
) STRICT;
CREATE TRIGGER delivery_history_stands BEFORE UPDATE ON delivery_history
WHEN NOT EXISTS (SELECT 1 FROM history_open) BEGIN SELECT raise(ABORT, 'deliveries older than six months are closed'); END;
CREATE TRIGGER delivery_history_keeps BEFORE DELETE ON delivery_history
WHEN NOT EXISTS (SELECT 1 FROM history_open) BEGIN SELECT raise(ABORT, 'deliveries older than six months are closed'); END;

-- Both, as every screen and answer reads them.
CREATE VIEW all_deliveries AS
SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note, recorded_id, import_id FROM deliveries
UNION ALL
SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note, recorded_id, import_id FROM delivery_history;

-- One visit of a truck within a delivery: the commercial file writes two rows when a customer called twice.
CREATE TABLE delivery_drops (
    id          INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL,               -- in deliveries or delivery_history; `luckygas check` looks
    at_time     TEXT,
    qty_50      INTEGER CHECK (qty_50 BETWEEN 0 AND 999),
    qty_20      INTEGER CHECK (qty_20 BETWEEN 0 AND 999),
    qty_16      INTEGER CHECK (qty_16 BETWEEN 0 AND 999),
    qty_10      INTEGER CHECK (qty_10 BETWEEN 0 AND 999),
    qty_4       INTEGER CHECK (qty_4 BETWEEN 0 AND 999),
    note        TEXT,
    import_id   INTEGER REFERENCES imports (id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX delivery_drops_delivery ON delivery_drops (delivery_id);
CREATE INDEX delivery_drops_import ON delivery_drops (import_id);

-- How much went out on a day, kept in step with the deliveries by every transaction that writes them.
CREATE TABLE delivery_days (
    delivered_on TEXT    NOT NULL PRIMARY KEY,
    deliveries   INTEGER NOT NULL CHECK (0 <= deliveries),
    known        INTEGER NOT NULL CHECK (known BETWEEN 0 AND deliveries),  -- of these, how many have quantities
    gas_g        INTEGER NOT NULL CHECK (0 <= gas_g)                       -- what the known ones add up to
) STRICT, WITHOUT ROWID;

-- A visit that is planned, or was made without leaving gas. Never counted as a delivery.
CREATE TABLE visits (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    visit_on    TEXT    NOT NULL,
    outcome     TEXT    NOT NULL CHECK (outcome IN ('planned', 'failed', 'absent', 'refused', 'cancelled')),
    items       TEXT,                           -- 20*1, as planned
    note        TEXT,
    source      TEXT    NOT NULL CHECK (source IN ('legacy', 'plan')),
    import_id   INTEGER NOT NULL REFERENCES imports (id) ON DELETE RESTRICT,
    UNIQUE (customer_id, visit_on, outcome)
) STRICT;
CREATE INDEX visits_import ON visits (import_id);

-- Whom the shop visits without being called: the due list goes through these and nobody else.
CREATE INDEX customers_planned ON customers (area_id) WHERE is_active = 1 AND is_terminated = 0 AND is_walk_in = 0 AND (on_patrol = 1 OR is_subscription = 1 OR has_telemetry = 1);

-- Whose last takes are known in cylinders, among many rows that know only the day.
CREATE INDEX deliveries_known ON deliveries (customer_id, delivered_on) WHERE coalesce(qty_50, qty_20, qty_16, qty_10, qty_4) IS NOT NULL;
CREATE INDEX delivery_history_known ON delivery_history (customer_id, delivered_on) WHERE coalesce(qty_50, qty_20, qty_16, qty_10, qty_4) IS NOT NULL;

-- What the shop sells: a cylinder is a method × a family × a size; what is none of these is an accessory.
CREATE TABLE products (
    id                  INTEGER PRIMARY KEY,
    code                TEXT    NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 20),
    name                TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 40),
    method              TEXT    NOT NULL CHECK (method IN ('cylinder', 'flow', 'accessory')),
    family              TEXT    CHECK (family IN ('regular', 'commercial', 'lucky', 'safety', 'happiness')),
    size_kg             INTEGER CHECK (size_kg IN (4, 10, 16, 20, 50)),
    deposit_ntd         INTEGER CHECK (deposit_ntd BETWEEN 0 AND 9999999),
    tare_g              INTEGER CHECK (0 <= tare_g),
    track_stock         INTEGER NOT NULL CHECK (track_stock IN (0, 1)),
    low_stock_threshold INTEGER NOT NULL DEFAULT 10 CHECK (0 <= low_stock_threshold),
    is_active           INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    sort_order          INTEGER NOT NULL,
    version             INTEGER NOT NULL DEFAULT 1,
    UNIQUE (method, family, size_kg),
    CHECK ((method = 'accessory') = (family IS NULL)),
    CHECK ((method = 'accessory') = (size_kg IS NULL))
) STRICT;
-- The catalogue of business §5: products nobody holds are there, switched off. No price is shipped.
INSERT INTO products (code, name, method, family, size_kg, deposit_ntd, tare_g, track_stock, is_active, sort_order) VALUES
    ('C50',       '50KG',           'cylinder', 'regular',    50, 3000, 25000, 1, 1, 10),
    ('C20',       '20KG',           'cylinder', 'regular',    20, 1500, 10000, 1, 1, 20),
    ('C16',       '16KG',           'cylinder', 'regular',    16, 1200,  8000, 1, 1, 30),
    ('C10',       '10KG',           'cylinder', 'regular',    10, 1000,  5000, 1, 1, 40),
    ('C04',       '4KG',            'cylinder', 'regular',     4,  800,  2000, 1, 1, 50),
    ('C20-YING',  '營20',           'cylinder', 'commercial', 20, 1500, 10000, 1, 1, 60),
    ('C16-YING',  '營16',           'cylinder', 'commercial', 16, 1200,  8000, 1, 0, 70),
    ('C16-LUCKY', '好運16',         'cylinder', 'lucky',      16, 1200,  8000, 1, 1, 80),
    ('C20-LUCKY', '好運20',         'cylinder', 'lucky',      20, 1500, 10000, 1, 0, 90),
    ('C10-SAFE',  '瓶安桶10',       'cylinder', 'safety',     10, 1000,  5000, 1, 1, 100),
    ('C04-PILL',  '幸福丸',         'cylinder', 'happiness',   4,  800,  2000, 1, 1, 110),
    ('F50',       '流量50公斤',     'flow',     'regular',    50, 3000, 25000, 1, 1, 120),
    ('F20',       '流量20公斤',     'flow',     'regular',    20, 1500, 10000, 1, 1, 130),
    ('F16',       '流量16公斤',     'flow',     'regular',    16, 1200,  8000, 1, 0, 140),
    ('F20-LUCKY', '流量好運20公斤', 'flow',     'lucky',      20, 1500, 10000, 1, 0, 150),
    ('F16-LUCKY', '流量好運16公斤', 'flow',     'lucky',      16, 1200,  8000, 1, 1, 160);

-- What everybody pays for a product from a day on: the newest row that is not after the day holds.
CREATE TABLE product_prices (
    product_id     INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    valid_from     TEXT    NOT NULL,               -- YYYY-MM-DD, Taiwan
    unit_price_ntd INTEGER NOT NULL CHECK (unit_price_ntd BETWEEN 0 AND 9999999), -- a cylinder; of metered gas, a kilogram
    PRIMARY KEY (product_id, valid_from)
) STRICT, WITHOUT ROWID;

-- The same for one customer, before the price of everybody. NULL: from that day on the price of everybody again.
CREATE TABLE customer_prices (
    customer_id    INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    product_id     INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    valid_from     TEXT    NOT NULL,
    unit_price_ntd INTEGER CHECK (unit_price_ntd BETWEEN 0 AND 9999999),
    PRIMARY KEY (customer_id, product_id, valid_from)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_prices_product ON customer_prices (product_id);

-- Red-letter days on which a customer may be closed. Shipped as far as they are announced; the shop adds the rest.
CREATE TABLE holidays (
    holiday_on TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40)
) STRICT, WITHOUT ROWID;
INSERT INTO holidays (holiday_on, name) VALUES
    ('2025-01-01', '中華民國開國紀念日'),
    ('2025-01-27', '放假日（2025-02-08 補班）'),
    ('2025-01-28', '農曆除夕'),
    ('2025-01-29', '春節'),
    ('2025-01-30', '春節'),
    ('2025-01-31', '春節'),
    ('2025-02-28', '和平紀念日'),
    ('2025-04-03', '兒童節（補假）'),
    ('2025-04-04', '兒童節; 民族掃墓節'),
    ('2025-05-30', '端午節（補假）'),
    ('2025-09-29', '孔子誕辰紀念日（補假）'),
    ('2025-10-06', '中秋節'),
    ('2025-10-10', '國慶日'),
    ('2025-10-24', '臺灣光復暨金門古寧頭大捷紀念日（補假）'),
    ('2025-12-25', '行憲紀念日'),
    ('2026-01-01', '中華民國開國紀念日'),
    ('2026-02-16', '農曆除夕'),
    ('2026-02-17', '春節'),
    ('2026-02-18', '春節'),
    ('2026-02-19', '春節'),
    ('2026-02-20', '農曆除夕（補假）'),
    ('2026-02-27', '和平紀念日（補假）'),
    ('2026-04-03', '兒童節（補假）'),
    ('2026-04-06', '民族掃墓節（補假）'),
    ('2026-05-01', '勞動節'),
    ('2026-06-19', '端午節'),
    ('2026-09-25', '中秋節'),
    ('2026-09-28', '孔子誕辰紀念日'),
    ('2026-10-09', '國慶日（補假）'),
    ('2026-10-26', '臺灣光復暨金門古寧頭大捷紀念日（補假）'),
    ('2026-12-25', '行憲紀念日'),
    ('2027-01-01', '中華民國開國紀念日'),
    ('2027-02-04', '農曆除夕'),
    ('2027-02-05', '農曆除夕'),
    ('2027-02-08', '春節'),
    ('2027-02-09', '春節（補假）'),
    ('2027-02-10', '春節（補假）'),
    ('2027-03-01', '和平紀念日（補假）'),
    ('2027-04-05', '民族掃墓節'),
    ('2027-04-06', '兒童節（補假）'),
    ('2027-04-30', '勞動節（補假）'),
    ('2027-06-09', '端午節'),
    ('2027-09-15', '中秋節'),
    ('2027-09-28', '孔子誕辰紀念日'),
    ('2027-10-11', '國慶日（補假）'),
    ('2027-10-25', '臺灣光復暨金門古寧頭大捷紀念日'),
    ('2027-12-24', '行憲紀念日（補假）'),
    ('2027-12-31', '中華民國開國紀念日（補假）');

-- One list of orders brought in from a spreadsheet.
CREATE TABLE order_imports (
    id            INTEGER PRIMARY KEY,
    applied_at    INTEGER NOT NULL,
    user_id       INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    file          TEXT    NOT NULL,
    report        TEXT    NOT NULL CHECK (json_valid(report)),
    taken_back_at INTEGER
) STRICT;
CREATE INDEX order_imports_user ON order_imports (user_id);

-- What a customer orders again and again, and when. Prices are looked up when it is used.
CREATE TABLE order_templates (
    id             INTEGER PRIMARY KEY,
    code           TEXT    NOT NULL UNIQUE,        -- 1902046_TPL_001
    customer_id    INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    name           TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    notes          TEXT    CHECK (length(notes) <= 500),
    payment_method TEXT    NOT NULL CHECK (payment_method IN ('cash', 'monthly', 'transfer', 'cheque')),
    is_urgent      INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
    recurrence     TEXT    NOT NULL CHECK (recurrence IN ('none', 'daily', 'weekly', 'monthly')),
    every          INTEGER NOT NULL CHECK (every BETWEEN 1 AND 12),          -- days, weeks or months
    weekdays       INTEGER NOT NULL CHECK (weekdays BETWEEN 0 AND 127),      -- bit 0 = Monday
    anchor_day     INTEGER NOT NULL CHECK (anchor_day BETWEEN 1 AND 31),     -- the day of the month that is meant
    next_on        TEXT,                           -- NULL: never by itself
    end_on         TEXT,
    times_used     INTEGER NOT NULL DEFAULT 0 CHECK (0 <= times_used),
    last_used_at   INTEGER,
    is_active      INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    stopped_why    TEXT    CHECK (stopped_why IN ('by_hand', 'ended', 'customer_stopped')),
    is_stop_seen   INTEGER NOT NULL DEFAULT 1 CHECK (is_stop_seen IN (0, 1)), -- 0: the office is still to be told
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    version        INTEGER NOT NULL DEFAULT 1,
    CHECK ((recurrence = 'none') = (next_on IS NULL)),
    CHECK ((is_active = 1) = (stopped_why IS NULL))
) STRICT;
CREATE INDEX order_templates_customer ON order_templates (customer_id);
CREATE INDEX order_templates_next ON order_templates (next_on) WHERE is_active = 1;

CREATE TABLE order_template_lines (
    template_id INTEGER NOT NULL REFERENCES order_templates (id) ON DELETE RESTRICT,
    line_no     INTEGER NOT NULL CHECK (line_no BETWEEN 1 AND 20),
    product_id  INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    qty         INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 100),
    PRIMARY KEY (template_id, line_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_template_lines_product ON order_template_lines (product_id);

-- One promise to bring cylinders on one day.
CREATE TABLE orders (
    id                     INTEGER PRIMARY KEY,
    ordered_on             TEXT    NOT NULL,       -- the day it was taken, which its number names
    day_no                 INTEGER NOT NULL CHECK (1 <= day_no),
    order_number           TEXT    NOT NULL GENERATED ALWAYS AS ('ORD-' || replace(ordered_on, '-', '') || '-' || printf('%04d', day_no)) VIRTUAL,
    customer_id            INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    origin                 TEXT    NOT NULL CHECK (origin IN ('phone', 'planned', 'template', 'walk_in', 'emergency', 'import', 'web')),
    status                 TEXT    NOT NULL CHECK (status IN ('pending', 'confirmed', 'assigned', 'in_delivery', 'delivered', 'cancelled')),
    scheduled_on           TEXT    NOT NULL,
    window_start           TEXT    NOT NULL CHECK (window_start GLOB '[0-2][0-9]:[0-5][0-9]'),
    window_end             TEXT    NOT NULL CHECK (window_end GLOB '[0-2][0-9]:[0-5][0-9]'),
    delivery_address       TEXT    CHECK (length(delivery_address) <= 500),  -- copied when it was taken, like the two below
    contact_name           TEXT    CHECK (length(contact_name) <= 100),
    contact_phone          TEXT    CHECK (length(contact_phone) <= 40),
    is_urgent              INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
    notes                  TEXT    CHECK (length(notes) <= 500),
    subtotal_ntd           INTEGER NOT NULL CHECK (0 <= subtotal_ntd),
    discount_ntd           INTEGER NOT NULL CHECK (0 <= discount_ntd),
    surcharge_ntd          INTEGER NOT NULL CHECK (surcharge_ntd BETWEEN 0 AND 9999999),
    surcharge_label        TEXT    CHECK (length(surcharge_label) <= 40),
    residual_credit_ntd    INTEGER NOT NULL DEFAULT 0 CHECK (0 <= residual_credit_ntd),
    final_ntd              INTEGER NOT NULL CHECK (final_ntd BETWEEN 0 AND 9999999),
    payment_method         TEXT    NOT NULL CHECK (payment_method IN ('cash', 'monthly', 'transfer', 'cheque')),
    payment_status         TEXT    NOT NULL DEFAULT 'unpaid' CHECK (payment_status IN ('unpaid', 'partial', 'paid', 'refunded')),
    paid_ntd               INTEGER NOT NULL DEFAULT 0 CHECK (0 <= paid_ntd),
    driver_id              INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    attempt_count          INTEGER NOT NULL DEFAULT 0 CHECK (0 <= attempt_count),
    cancel_reason          TEXT    CHECK (cancel_reason IN ('customer_request', 'no_stock', 'cannot_deliver', 'duplicate', 'wrong_entry', 'other')),
    cancel_note            TEXT    CHECK (length(cancel_note) <= 500),
    delivered_at           INTEGER,
    delivery_id            INTEGER,                -- in deliveries or delivery_history; `luckygas check` looks
    credit_override_by     INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    credit_override_reason TEXT    CHECK (length(credit_override_reason) <= 500),
    form_key               TEXT    UNIQUE CHECK (length(form_key) BETWEEN 8 AND 64), -- what one filled-in form is known by when it is sent twice
    copied_from            INTEGER REFERENCES orders (id) ON DELETE RESTRICT,
    template_id            INTEGER REFERENCES order_templates (id) ON DELETE RESTRICT,
    order_import_id        INTEGER REFERENCES order_imports (id) ON DELETE RESTRICT,
    created_by             INTEGER REFERENCES users (id) ON DELETE RESTRICT, -- NULL: the program itself
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL,
    version                INTEGER NOT NULL DEFAULT 1,
    UNIQUE (ordered_on, day_no),
    CHECK ((status = 'cancelled') = (cancel_reason IS NOT NULL)),
    CHECK (cancel_reason IS NOT 'other' OR cancel_note IS NOT NULL),
    CHECK ((status = 'delivered') = (delivered_at IS NOT NULL)),
    CHECK ((status IN ('assigned', 'in_delivery')) <= (driver_id IS NOT NULL)),
    CHECK (window_start < window_end)
) STRICT;
CREATE INDEX orders_day ON orders (scheduled_on, status);
CREATE INDEX orders_customer ON orders (customer_id, scheduled_on);
CREATE INDEX orders_open ON orders (status, customer_id) WHERE status IN ('pending', 'confirmed', 'assigned', 'in_delivery');
CREATE INDEX orders_created_by ON orders (created_by, created_at);
CREATE INDEX orders_driver ON orders (driver_id, scheduled_on) WHERE driver_id IS NOT NULL;
CREATE INDEX orders_credit_override_by ON orders (credit_override_by) WHERE credit_override_by IS NOT NULL;
CREATE INDEX orders_delivery ON orders (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX orders_copied_from ON orders (copied_from) WHERE copied_from IS NOT NULL;
CREATE INDEX orders_template ON orders (template_id) WHERE template_id IS NOT NULL;
CREATE INDEX orders_import ON orders (order_import_id) WHERE order_import_id IS NOT NULL;
CREATE TRIGGER orders_stay BEFORE DELETE ON orders BEGIN SELECT raise(ABORT, 'an order is cancelled, never deleted'); END;

-- One kind of thing on an order, at the price it was taken at.
CREATE TABLE order_lines (
    order_id         INTEGER NOT NULL REFERENCES orders (id) ON DELETE RESTRICT,
    line_no          INTEGER NOT NULL CHECK (line_no BETWEEN 1 AND 20),
    product_id       INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    product_name     TEXT    NOT NULL,              -- as it was called then
    qty              INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 100),
    unit_price_ntd   INTEGER CHECK (unit_price_ntd BETWEEN 0 AND 9999999),  -- NULL: not known yet, and then the order is pending
    list_price_ntd   INTEGER CHECK (list_price_ntd BETWEEN 0 AND 9999999),  -- what the price list said; another price was given by hand
    discount_percent INTEGER NOT NULL CHECK (discount_percent BETWEEN 0 AND 100),
    line_ntd         INTEGER NOT NULL CHECK (0 <= line_ntd),                -- before the discount; 0 for gas a meter counts
    is_exchange      INTEGER NOT NULL CHECK (is_exchange IN (0, 1)),
    empties_expected INTEGER NOT NULL CHECK (0 <= empties_expected),
    qty_delivered    INTEGER CHECK (qty_delivered BETWEEN 0 AND 100),       -- this and the next two once it is delivered
    empties_returned INTEGER CHECK (empties_returned BETWEEN 0 AND 100),
    residual_g       INTEGER CHECK (0 <= residual_g),
    PRIMARY KEY (order_id, line_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_lines_product ON order_lines (product_id);

-- Every step an order took from one state to the next.
CREATE TABLE order_history (
    id          INTEGER PRIMARY KEY,
    order_id    INTEGER NOT NULL REFERENCES orders (id) ON DELETE RESTRICT,
    from_status TEXT,                               -- NULL: it was taken
    to_status   TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    user_id     INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    reason      TEXT
) STRICT;
CREATE INDEX order_history_order ON order_history (order_id);
CREATE INDEX order_history_user ON order_history (user_id);
CREATE TRIGGER order_history_keeps BEFORE DELETE ON order_history BEGIN SELECT raise(ABORT, 'a step an order took is never removed'); END;
CREATE TRIGGER order_history_stands BEFORE UPDATE ON order_history BEGIN SELECT raise(ABORT, 'a step an order took is never rewritten'); END;

-- What an order is found by besides its number and its customer, folded as the customers' lines are.
CREATE TABLE order_search (
    order_id INTEGER PRIMARY KEY REFERENCES orders (id) ON DELETE RESTRICT,
    key      TEXT NOT NULL                          -- contact, a line break, address, a tab, the digits of the phone
) STRICT;

-- A view of the order list somebody wants again under a name of their own.
CREATE TABLE order_filters (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    name    TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 20),
    query   TEXT    NOT NULL CHECK (length(query) <= 500),
    UNIQUE (user_id, name)
) STRICT;

-- What a template made for a day, at most one order for each.
CREATE TABLE order_template_days (
    template_id INTEGER NOT NULL REFERENCES order_templates (id) ON DELETE RESTRICT,
    due_on      TEXT    NOT NULL,                   -- the day of the rhythm, which a closed day may have moved from
    order_id    INTEGER NOT NULL REFERENCES orders (id) ON DELETE RESTRICT,
    PRIMARY KEY (template_id, due_on)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_template_days_order ON order_template_days (order_id);

-- A device at a customer said that gas is low; somebody read it and wrote it down.
CREATE TABLE telemetry_alarms (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    alarmed_at  INTEGER NOT NULL,
    note        TEXT    CHECK (length(note) <= 500),
    order_id    INTEGER REFERENCES orders (id) ON DELETE RESTRICT,
    user_id     INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX telemetry_alarms_customer ON telemetry_alarms (customer_id, alarmed_at);
CREATE INDEX telemetry_alarms_order ON telemetry_alarms (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX telemetry_alarms_user ON telemetry_alarms (user_id);

-- On this day somebody decided that a due customer is not visited.
CREATE TABLE due_skips (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    skipped_on  TEXT    NOT NULL,
    user_id     INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    skipped_at  INTEGER NOT NULL,
    PRIMARY KEY (customer_id, skipped_on)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_skips_user ON due_skips (user_id);

-- A truck or a motorcycle of the shop.
CREATE TABLE vehicles (
    id           INTEGER PRIMARY KEY,
    plate        TEXT    NOT NULL UNIQUE CHECK (length(plate) BETWEEN 1 AND 12),
    kind         TEXT    NOT NULL CHECK (kind IN ('truck', 'motorcycle')),
    max_gross_kg INTEGER NOT NULL CHECK (max_gross_kg BETWEEN 1 AND 20000),  -- cylinders and gas together
    note         TEXT    CHECK (length(note) <= 200),
    is_active    INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    version      INTEGER NOT NULL DEFAULT 1
) STRICT;

-- What the shop knows of a driver beside his account; a driver without a row has nothing of it.
CREATE TABLE drivers (
    user_id            INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE RESTRICT,
    phone              TEXT    CHECK (length(phone) <= 40),
    default_vehicle_id INTEGER REFERENCES vehicles (id) ON DELETE RESTRICT,
    is_available       INTEGER NOT NULL DEFAULT 1 CHECK (is_available IN (0, 1)),
    version            INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX drivers_vehicle ON drivers (default_vehicle_id);

-- Where he usually drives.
CREATE TABLE driver_areas (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    area_id INTEGER NOT NULL REFERENCES areas (id) ON DELETE RESTRICT,
    PRIMARY KEY (user_id, area_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX driver_areas_area ON driver_areas (area_id);

-- One way of one truck on one day.
CREATE TABLE routes (
    id                INTEGER PRIMARY KEY,
    route_on          TEXT    NOT NULL,
    day_no            INTEGER NOT NULL CHECK (1 <= day_no),
    route_number      TEXT    NOT NULL GENERATED ALWAYS AS ('R-' || replace(route_on, '-', '') || '-' || printf('%02d', day_no)) VIRTUAL,
    area_id           INTEGER REFERENCES areas (id) ON DELETE RESTRICT,
    shift             TEXT    NOT NULL CHECK (shift IN ('morning', 'noon', 'evening', 'all_day')),
    kind              TEXT    NOT NULL CHECK (kind IN ('planned', 'call_in', 'emergency')),
    status            TEXT    NOT NULL CHECK (status IN ('draft', 'published', 'in_progress', 'completed', 'cancelled')),
    driver_id         INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    crew2_id          INTEGER REFERENCES users (id) ON DELETE RESTRICT,      -- who helps him
    vehicle_id        INTEGER REFERENCES vehicles (id) ON DELETE RESTRICT,
    published_at      INTEGER,
    started_at        INTEGER,
    completed_at      INTEGER,
    odometer_start_km INTEGER CHECK (0 <= odometer_start_km),
    odometer_end_km   INTEGER CHECK (odometer_start_km <= odometer_end_km),
    notes             TEXT    CHECK (length(notes) <= 500),
    override_note     TEXT    CHECK (length(override_note) <= 500),          -- why it may go in spite of a warning
    created_by        INTEGER REFERENCES users (id) ON DELETE RESTRICT,      -- NULL: the program itself
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    version           INTEGER NOT NULL DEFAULT 1,
    UNIQUE (route_on, day_no),
    CHECK (status IN ('draft', 'cancelled') OR driver_id IS NOT NULL),
    CHECK ((status IN ('in_progress', 'completed')) <= (started_at IS NOT NULL)),
    CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CHECK (crew2_id IS NULL OR crew2_id IS NOT driver_id)
) STRICT;
CREATE UNIQUE INDEX routes_running ON routes (driver_id) WHERE status = 'in_progress';
CREATE INDEX routes_open ON routes (status, route_on) WHERE status IN ('draft', 'published', 'in_progress');
CREATE INDEX routes_driver ON routes (driver_id, route_on);
CREATE INDEX routes_crew2 ON routes (crew2_id, route_on) WHERE crew2_id IS NOT NULL;
CREATE INDEX routes_vehicle ON routes (vehicle_id, route_on) WHERE vehicle_id IS NOT NULL;
CREATE INDEX routes_area ON routes (area_id) WHERE area_id IS NOT NULL;
CREATE INDEX routes_created_by ON routes (created_by) WHERE created_by IS NOT NULL;
CREATE TRIGGER routes_stay BEFORE DELETE ON routes BEGIN SELECT raise(ABORT, 'a route is cancelled, never deleted'); END;

-- One order on a route, and what became of it at the customer.
CREATE TABLE stops (
    id                INTEGER PRIMARY KEY,
    route_id          INTEGER NOT NULL REFERENCES routes (id) ON DELETE RESTRICT,
    order_id          INTEGER NOT NULL REFERENCES orders (id) ON DELETE RESTRICT,
    seq               INTEGER NOT NULL CHECK (1 <= seq),                     -- its place in the way; gaps are fine
    status            TEXT    NOT NULL CHECK (status IN ('pending', 'arrived', 'completed', 'failed', 'skipped')),
    added_at          INTEGER NOT NULL,
    arrived_at        INTEGER,
    finished_at       INTEGER,
    failure_reason    TEXT    CHECK (failure_reason IN ('absent', 'refused', 'wrong_address', 'no_access', 'payment_problem', 'vehicle', 'other')),
    failure_note      TEXT    CHECK (length(failure_note) <= 500),
    recipient         TEXT    CHECK (length(recipient) <= 100),
    no_proof          TEXT    CHECK (length(no_proof) <= 200),               -- why nobody signed
    photo             TEXT    CHECK (length(photo) = 64),                    -- sha256 of a picture beside this file
    signature         TEXT    CHECK (length(signature) = 64),
    note              TEXT    CHECK (length(note) <= 500),
    cash_due_ntd      INTEGER CHECK (0 <= cash_due_ntd),                     -- what was to be collected when it was completed
    cash_handed_ntd   INTEGER CHECK (0 <= cash_handed_ntd),                  -- what the customer gave, before the change
    cash_ntd          INTEGER CHECK (0 <= cash_ntd),                         -- what the driver kept
    version           INTEGER NOT NULL DEFAULT 1,
    CHECK ((status = 'failed') = (failure_reason IS NOT NULL)),
    CHECK (failure_reason IS NOT 'other' OR failure_note IS NOT NULL),
    CHECK ((status IN ('completed', 'failed', 'skipped')) = (finished_at IS NOT NULL)),
    CHECK ((status = 'arrived') <= (arrived_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX stops_held ON stops (order_id) WHERE status IN ('pending', 'arrived', 'completed');
CREATE INDEX stops_order ON stops (order_id);
CREATE INDEX stops_route ON stops (route_id, seq);
CREATE TRIGGER stops_stay BEFORE DELETE ON stops BEGIN SELECT raise(ABORT, 'a stop is skipped, never deleted'); END;

-- What a phone sent, known by the number it gave it: applied once, whatever is sent again.
CREATE TABLE driver_acts (
    id          INTEGER PRIMARY KEY,
    action_id   TEXT    NOT NULL UNIQUE CHECK (length(action_id) BETWEEN 8 AND 64),
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    act         TEXT    NOT NULL CHECK (act IN ('start', 'arrive', 'complete', 'fail', 'undo', 'finish')),
    route_id    INTEGER REFERENCES routes (id) ON DELETE RESTRICT,
    stop_id     INTEGER REFERENCES stops (id) ON DELETE RESTRICT,
    device_at   INTEGER,                            -- by the phone's own clock
    received_at INTEGER NOT NULL,
    payload     TEXT    NOT NULL CHECK (json_valid(payload)),
    outcome     TEXT    NOT NULL CHECK (outcome IN ('applied', 'conflict')),
    answer      TEXT    NOT NULL CHECK (json_valid(answer)),
    settled_at  INTEGER,                            -- somebody in the office has dealt with the conflict
    settled_by  INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    CHECK (outcome = 'conflict' OR settled_at IS NULL)
) STRICT;
CREATE INDEX driver_acts_user ON driver_acts (user_id);
CREATE INDEX driver_acts_route ON driver_acts (route_id);
CREATE INDEX driver_acts_stop ON driver_acts (stop_id);
CREATE INDEX driver_acts_open ON driver_acts (received_at) WHERE outcome = 'conflict' AND settled_at IS NULL;
CREATE INDEX driver_acts_settled_by ON driver_acts (settled_by) WHERE settled_by IS NOT NULL;

-- Money somebody took for the shop. Never removed: a wrong one is voided and says why.
CREATE TABLE payments (
    id             INTEGER PRIMARY KEY,
    paid_on        TEXT    NOT NULL,
    day_no         INTEGER NOT NULL CHECK (1 <= day_no),
    payment_number TEXT    NOT NULL GENERATED ALWAYS AS ('PAY-' || replace(paid_on, '-', '') || '-' || printf('%04d', day_no)) VIRTUAL,
    customer_id    INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    method         TEXT    NOT NULL CHECK (method IN ('cash', 'transfer', 'cheque', 'other')),
    amount_ntd     INTEGER NOT NULL CHECK (amount_ntd BETWEEN 1 AND 9999999),
    order_id       INTEGER REFERENCES orders (id) ON DELETE RESTRICT,
    stop_id        INTEGER REFERENCES stops (id) ON DELETE RESTRICT,
    received_by    INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    status         TEXT    NOT NULL CHECK (status IN ('recorded', 'verified', 'voided')),
    void_reason    TEXT    CHECK (length(void_reason) <= 500),
    voided_at      INTEGER,
    voided_by      INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    created_at     INTEGER NOT NULL,
    version        INTEGER NOT NULL DEFAULT 1,
    UNIQUE (paid_on, day_no),
    CHECK ((status = 'voided') = (void_reason IS NOT NULL)),
    CHECK ((status = 'voided') = (voided_at IS NOT NULL))
) STRICT;
CREATE INDEX payments_customer ON payments (customer_id, paid_on);
CREATE INDEX payments_order ON payments (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX payments_stop ON payments (stop_id) WHERE stop_id IS NOT NULL;
CREATE INDEX payments_received_by ON payments (received_by, paid_on);
CREATE INDEX payments_voided_by ON payments (voided_by) WHERE voided_by IS NOT NULL;
CREATE TRIGGER payments_stay BEFORE DELETE ON payments BEGIN SELECT raise(ABORT, 'a payment is voided, never deleted'); END;

-- Counts the gas a customer burns.
CREATE TABLE meters (
    id           INTEGER PRIMARY KEY,
    customer_id  INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    serial       TEXT    NOT NULL CHECK (length(serial) BETWEEN 1 AND 40),
    unit         TEXT    NOT NULL CHECK (length(unit) BETWEEN 1 AND 10),
    g_per_unit   INTEGER NOT NULL DEFAULT 1000 CHECK (g_per_unit BETWEEN 1 AND 1000000),
    installed_on TEXT    NOT NULL,
    is_active    INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    version      INTEGER NOT NULL DEFAULT 1,
    UNIQUE (customer_id, serial)
) STRICT;

-- What a meter showed, in thousandths of its unit. A wrong one is voided and stays.
CREATE TABLE meter_readings (
    id            INTEGER PRIMARY KEY,
    meter_id      INTEGER NOT NULL REFERENCES meters (id) ON DELETE RESTRICT,
    read_on       TEXT    NOT NULL,
    value_milli   INTEGER NOT NULL CHECK (0 <= value_milli),
    from_milli    INTEGER CHECK (0 <= from_milli),  -- what is counted from; NULL: the first of its meter
    old_end_milli INTEGER CHECK (0 <= old_end_milli), -- the last figure of the one that stood there before, replaced or rolled over
    billed_g      INTEGER NOT NULL CHECK (0 <= billed_g),
    unit_price_ntd INTEGER CHECK (unit_price_ntd BETWEEN 0 AND 9999999), -- a kilogram
    amount_ntd    INTEGER NOT NULL CHECK (0 <= amount_ntd),
    order_id      INTEGER REFERENCES orders (id) ON DELETE RESTRICT,
    stop_id       INTEGER REFERENCES stops (id) ON DELETE RESTRICT,
    user_id       INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    at            INTEGER NOT NULL,
    voided_at     INTEGER
) STRICT;
CREATE INDEX meter_readings_meter ON meter_readings (meter_id, read_on);
CREATE INDEX meter_readings_order ON meter_readings (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX meter_readings_stop ON meter_readings (stop_id) WHERE stop_id IS NOT NULL;
CREATE INDEX meter_readings_user ON meter_readings (user_id) WHERE user_id IS NOT NULL;

-- A cylinder goes from one place to another: the only way any count of cylinders changes.
-- `outside` is where they come from when the books begin, and where a count finds too many or too few.
CREATE TABLE cylinder_movements (
    id         INTEGER PRIMARY KEY,
    moved_on   TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('delivered', 'returned', 'loaded', 'unloaded', 'sent', 'refilled', 'counted', 'corrected', 'scrapped')),
    from_place TEXT    NOT NULL CHECK (from_place IN ('shop', 'vehicle', 'customer', 'supplier', 'scrap', 'outside')),
    from_id    INTEGER,
    to_place   TEXT    NOT NULL CHECK (to_place IN ('shop', 'vehicle', 'customer', 'supplier', 'scrap', 'outside')),
    to_id      INTEGER,
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    qty        INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 99999),
    state      TEXT    NOT NULL CHECK (state IN ('full', 'empty')),
    route_id   INTEGER REFERENCES routes (id) ON DELETE RESTRICT,
    stop_id    INTEGER REFERENCES stops (id) ON DELETE RESTRICT,
    order_id   INTEGER REFERENCES orders (id) ON DELETE RESTRICT,
    undoes_id  INTEGER UNIQUE REFERENCES cylinder_movements (id) ON DELETE RESTRICT,
    user_id    INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    note       TEXT    CHECK (length(note) <= 500),
    CHECK ((from_place IN ('vehicle', 'customer')) = (from_id IS NOT NULL)),
    CHECK ((to_place IN ('vehicle', 'customer')) = (to_id IS NOT NULL)),
    CHECK (from_place IS NOT to_place OR from_id IS NOT to_id)
) STRICT;
CREATE INDEX cylinder_movements_from ON cylinder_movements (from_place, from_id, id);
CREATE INDEX cylinder_movements_to ON cylinder_movements (to_place, to_id, id);
CREATE INDEX cylinder_movements_day ON cylinder_movements (moved_on);
CREATE INDEX cylinder_movements_product ON cylinder_movements (product_id);
CREATE INDEX cylinder_movements_route ON cylinder_movements (route_id) WHERE route_id IS NOT NULL;
CREATE INDEX cylinder_movements_stop ON cylinder_movements (stop_id) WHERE stop_id IS NOT NULL;
CREATE INDEX cylinder_movements_order ON cylinder_movements (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX cylinder_movements_user ON cylinder_movements (user_id) WHERE user_id IS NOT NULL;
CREATE TRIGGER cylinder_movements_stay BEFORE DELETE ON cylinder_movements BEGIN SELECT raise(ABORT, 'a movement is undone by another, never deleted'); END;
CREATE TRIGGER cylinder_movements_stand BEFORE UPDATE ON cylinder_movements BEGIN SELECT raise(ABORT, 'a movement is undone by another, never rewritten'); END;

-- The sums of the movements, kept in step by the transaction that writes them; `luckygas check` adds them up anew.
CREATE TABLE cylinder_balances (
    place      TEXT    NOT NULL CHECK (place IN ('shop', 'vehicle', 'customer', 'supplier', 'scrap', 'outside')),
    place_id   INTEGER NOT NULL,                    -- 0 where there is only one such place
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    state      TEXT    NOT NULL CHECK (state IN ('full', 'empty')),
    qty        INTEGER NOT NULL,
    PRIMARY KEY (place, place_id, product_id, state)
) STRICT, WITHOUT ROWID;
CREATE INDEX cylinder_balances_product ON cylinder_balances (product_id);

-- How many of the cylinders at a customer are their own; what stands there beyond that is lent.
CREATE TABLE customer_owned_cylinders (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    product_id  INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    qty         INTEGER NOT NULL CHECK (qty BETWEEN 0 AND 999),
    PRIMARY KEY (customer_id, product_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_owned_cylinders_product ON customer_owned_cylinders (product_id);

-- Somebody is in danger, or must not wait.
CREATE TABLE emergencies (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL CHECK (kind IN ('gas_leak', 'customer_emergency', 'urgent_delivery', 'driver_emergency')),
    customer_id INTEGER REFERENCES customers (id) ON DELETE RESTRICT,
    order_id    INTEGER UNIQUE REFERENCES orders (id) ON DELETE RESTRICT,
    in_need_id  INTEGER REFERENCES users (id) ON DELETE RESTRICT, -- the driver who needs help
    description TEXT    NOT NULL CHECK (length(description) BETWEEN 1 AND 500),
    phone       TEXT    CHECK (length(phone) <= 40),
    address     TEXT    CHECK (length(address) <= 500),
    created_by  INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    created_at  INTEGER NOT NULL,
    driver_id   INTEGER REFERENCES users (id) ON DELETE RESTRICT, -- who is sent
    assigned_at INTEGER,
    answered_at INTEGER,                            -- the driver said that he goes
    arrived_at  INTEGER,
    closed_at   INTEGER,
    alarmed_at  INTEGER NOT NULL,                   -- when the shop was last alarmed
    alarms      INTEGER NOT NULL DEFAULT 1 CHECK (1 <= alarms),
    seen_at     INTEGER,                            -- the shop knows
    seen_by     INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    form_key    TEXT    UNIQUE CHECK (length(form_key) BETWEEN 8 AND 64), -- one filled-in form, however often it is sent
    version     INTEGER NOT NULL DEFAULT 1,
    CHECK (kind = 'driver_emergency' OR customer_id IS NOT NULL),
    CHECK ((kind = 'driver_emergency') = (order_id IS NULL)),
    CHECK ((kind = 'driver_emergency') = (in_need_id IS NOT NULL)),
    CHECK ((driver_id IS NULL) = (assigned_at IS NULL)),
    CHECK ((seen_at IS NULL) = (seen_by IS NULL))
) STRICT;
CREATE INDEX emergencies_open ON emergencies (created_at) WHERE closed_at IS NULL;
CREATE INDEX emergencies_customer ON emergencies (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX emergencies_driver ON emergencies (driver_id) WHERE driver_id IS NOT NULL;
CREATE INDEX emergencies_created_by ON emergencies (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX emergencies_in_need ON emergencies (in_need_id) WHERE in_need_id IS NOT NULL;
CREATE INDEX emergencies_seen_by ON emergencies (seen_by) WHERE seen_by IS NOT NULL;

-- A sentence somebody must hear: one driver, or everybody in the office.
CREATE TABLE notices (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    event   TEXT    NOT NULL CHECK (event IN ('route_published', 'route_changed', 'order_changed', 'stop_failed', 'conflict', 'emergency', 'low_stock')),
    user_id INTEGER REFERENCES users (id) ON DELETE RESTRICT, -- NULL: the office
    text    TEXT    NOT NULL CHECK (length(text) BETWEEN 1 AND 300),
    noun    TEXT,                                   -- what it is about
    noun_id INTEGER
) STRICT;
CREATE INDEX notices_user ON notices (user_id, id);

-- How far somebody has read them.
CREATE TABLE notices_seen (
    user_id   INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE RESTRICT,
    notice_id INTEGER NOT NULL
) STRICT;

-- How the program fared in one hour: requests, waits, sizes. Kept for a month.
CREATE TABLE health_hours (
    hour    INTEGER NOT NULL PRIMARY KEY,           -- hours since 1970 in UTC
    figures TEXT    NOT NULL CHECK (json_valid(figures)) -- the object of src/health/hours.rs
) STRICT;

-- A second place for copies: a stick, a share of the network, a synced folder; and how it was when it was last looked at.
CREATE TABLE backup_places (
    id         INTEGER PRIMARY KEY,
    label      TEXT    NOT NULL CHECK (length(label) BETWEEN 1 AND 20),
    folder     TEXT    NOT NULL UNIQUE,
    added_at   INTEGER NOT NULL,
    is_present INTEGER NOT NULL CHECK (is_present IN (0, 1)),
    since_at   INTEGER NOT NULL,                    -- since when it is there, or away
    copy       TEXT,                                -- the name of the newest copy there
    brought_at INTEGER,                             -- when that was seen to be there
    problem    TEXT                                 -- what was wrong the last time, in a sentence for people
) STRICT;
