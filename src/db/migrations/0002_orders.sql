-- Products and prices, orders, templates, the due list.
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
