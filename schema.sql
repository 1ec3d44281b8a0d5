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
