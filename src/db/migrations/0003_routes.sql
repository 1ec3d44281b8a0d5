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

-- Orders that were given to a driver before there were routes: one route for each driver and day. What is on its way
-- goes on the route of his latest such day, for he has one running route at most.
CREATE TEMP TABLE given AS
SELECT o.id AS order_id, o.driver_id, o.status, o.window_end,
       CASE o.status WHEN 'in_delivery'
            THEN max(CASE o.status WHEN 'in_delivery' THEN o.scheduled_on END) OVER (PARTITION BY o.driver_id)
            ELSE o.scheduled_on END AS route_on,
       o.updated_at
FROM orders AS o
WHERE o.status IN ('assigned', 'in_delivery');
INSERT INTO routes (route_on, day_no, shift, kind, status, driver_id, published_at, started_at, created_at, updated_at)
SELECT route_on, row_number() OVER (PARTITION BY route_on ORDER BY driver_id), 'all_day', 'planned',
       CASE WHEN max(status = 'in_delivery') THEN 'in_progress' ELSE 'published' END, driver_id,
       max(updated_at), CASE WHEN max(status = 'in_delivery') THEN max(updated_at) END, max(updated_at), max(updated_at)
FROM given
GROUP BY route_on, driver_id;
INSERT INTO stops (route_id, order_id, seq, status, added_at)
SELECT r.id, g.order_id, row_number() OVER (PARTITION BY r.id ORDER BY g.window_end, g.order_id), 'pending', g.updated_at
FROM given AS g
JOIN routes AS r ON r.route_on = g.route_on AND r.driver_id = g.driver_id;
DROP TABLE given;
