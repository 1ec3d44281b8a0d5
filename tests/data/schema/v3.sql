-- A small shop as version 0.3.0 of the program left it: schema 3. It began as the shop of v2.sql, which that program brought up to
-- date itself; then vehicles, a second driver, cylinders by hand, a meter with its readings, routes in every state, stops
-- made, failed, taken back and taken off, cash (a payment voided among it), an emergency that is over and one that is open
-- were added through its API and its pages, and the file written out. Everybody in it is invented. It never changes; a
-- later schema gets a file of its own.
PRAGMA application_id = 1282099059;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE areas (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 40)
) STRICT;
INSERT INTO areas VALUES(1,'A-甲區');
INSERT INTO areas VALUES(2,'B-乙區');
CREATE TABLE customer_cylinders (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    product     TEXT    NOT NULL,               -- a code of values/product.rs: C20, F50 …
    qty         INTEGER NOT NULL CHECK (qty BETWEEN 0 AND 999),
    PRIMARY KEY (customer_id, product)
) STRICT, WITHOUT ROWID;
INSERT INTO customer_cylinders VALUES(2,'C16',1);
INSERT INTO customer_cylinders VALUES(2,'C20',5);
INSERT INTO customer_cylinders VALUES(3,'F20',3);
INSERT INTO customer_cylinders VALUES(4,'C16-LUCKY',2);
INSERT INTO customer_cylinders VALUES(5,'C50',2);
CREATE TABLE customer_equipment (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    device      TEXT    NOT NULL,               -- a word of customers/equipment.rs: flow_meter, smart_scale …
    note        TEXT,
    PRIMARY KEY (customer_id, device)
) STRICT, WITHOUT ROWID;
INSERT INTO customer_equipment VALUES(2,'changeover_valve',NULL);
INSERT INTO customer_equipment VALUES(2,'smart_scale',NULL);
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
INSERT INTO customer_phones VALUES(1,2,1,'+886900000213',NULL,'老闆','0900-000-213');
INSERT INTO customer_phones VALUES(2,2,2,'+88689322112','7',NULL,'089-322112#7');
INSERT INTO customer_phones VALUES(3,4,1,'+886900000214',NULL,NULL,'0900-000-214');
INSERT INTO customer_phones VALUES(4,8,1,'+886900000215',NULL,NULL,'0900-000-215');
INSERT INTO customer_phones VALUES(5,9,1,'+88689000780',NULL,NULL,'(089) 000-780');
INSERT INTO customer_phones VALUES(6,10,1,'+886900000534',NULL,NULL,'0900-000-534');
INSERT INTO customer_phones VALUES(7,11,1,'+886900000129',NULL,NULL,'0900-000-129');
INSERT INTO customer_phones VALUES(8,12,1,'+88689000951',NULL,NULL,'(089) 000-951');
INSERT INTO customer_phones VALUES(9,13,1,'+886900000720',NULL,NULL,'0900-000-720');
INSERT INTO customer_phones VALUES(10,14,1,'+886900000599',NULL,NULL,'0900-000-599');
INSERT INTO customer_phones VALUES(11,15,1,'+886900000253',NULL,NULL,'0900-000-253');
INSERT INTO customer_phones VALUES(12,16,1,'+886900000845',NULL,NULL,'0900-000-845');
INSERT INTO customer_phones VALUES(13,17,1,'+886900000017',NULL,NULL,'0900-000-017');
INSERT INTO customer_phones VALUES(14,18,1,'+886900000325',NULL,NULL,'0900-000-325');
INSERT INTO customer_phones VALUES(15,19,1,'+88689000329',NULL,NULL,'(089) 000-329');
INSERT INTO customer_phones VALUES(16,20,1,'+886900000197',NULL,NULL,'0900-000-197');
INSERT INTO customer_phones VALUES(17,21,1,'+886900000024',NULL,NULL,'0900-000-024');
INSERT INTO customer_phones VALUES(18,22,1,'+88689000005',NULL,NULL,'(089) 000-005');
INSERT INTO customer_phones VALUES(19,23,1,'+886900000207',NULL,NULL,'0900-000-207');
INSERT INTO customer_phones VALUES(20,24,1,'+88689000090',NULL,NULL,'(089) 000-090');
CREATE TABLE customer_search (
    customer_id INTEGER PRIMARY KEY REFERENCES customers (id) ON DELETE RESTRICT,
    key         TEXT    NOT NULL
) STRICT;
INSERT INTO customer_search VALUES(1,replace('6000001\n現金零售\n\n','\n',char(10)));
INSERT INTO customer_search VALUES(2,replace('6100001\n範例小吃店\n範例餐飲有限公司\n台東縣範例市中正路1號\n0900000213\n089322112','\n',char(10)));
INSERT INTO customer_search VALUES(3,replace('6100002\n範例國小\n範例國小\n台東縣範例鄉學府路2號','\n',char(10)));
INSERT INTO customer_search VALUES(4,replace('6100003\n木瓜冰店二店\n木瓜冰店\n台東縣範例市中正路1號\n0900000214','\n',char(10)));
INSERT INTO customer_search VALUES(5,replace('6100004\n以前的店\n以前的店\n範例市舊街4號','\n',char(10)));
INSERT INTO customer_search VALUES(6,replace('7200001\n陳小姐\n\n範例市後街9號','\n',char(10)));
INSERT INTO customer_search VALUES(8,replace('1900001\n新客人\n\n範例市新街1號\n0900000215','\n',char(10)));
INSERT INTO customer_search VALUES(9,replace('7023311\n蘇志婷\n蘇志婷\n台東縣東河鄉溪谷村紅楓街519號\n089000780','\n',char(10)));
INSERT INTO customer_search VALUES(10,replace('7246718\n高宜彥\n高宜彥\n台東市日昇路二段266巷594號\n0900000534','\n',char(10)));
INSERT INTO customer_search VALUES(11,replace('7180572\n蔡品芳海青\n蔡品芳海青\n台東市鯉躍街336號之3\n0900000129','\n',char(10)));
INSERT INTO customer_search VALUES(12,replace('7295384\n林媽媽\n林媽媽\n台東縣大武鄉和風村觀濤路二段568號\n089000951','\n',char(10)));
INSERT INTO customer_search VALUES(13,replace('7420046\n高小姐\n高小姐\n台東市豐禾路一段513號\n0900000720','\n',char(10)));
INSERT INTO customer_search VALUES(14,replace('7936126\n林宥傑\n林宥傑\n台東市金穗路2巷44號之2\n0900000599','\n',char(10)));
INSERT INTO customer_search VALUES(15,replace('7650832\n莊媽媽\n莊媽媽\n台東市豐禾路356巷455號\n0900000253','\n',char(10)));
INSERT INTO customer_search VALUES(16,replace('7020578\n蔡怡瑜\n蔡怡瑜\n台東市許厝路二段678號\n0900000845','\n',char(10)));
INSERT INTO customer_search VALUES(17,replace('7443213\n徐金賢豐禾\n徐金賢豐禾\n台東市金穗路571號\n0900000017','\n',char(10)));
INSERT INTO customer_search VALUES(18,replace('7974835\n莊家輝\n莊家輝\n台東市松嶺路7弄621號\n0900000325','\n',char(10)));
INSERT INTO customer_search VALUES(19,replace('7633054\n周玉恩\n周玉恩\n台東市建功街444號\n089000329','\n',char(10)));
INSERT INTO customer_search VALUES(20,replace('7146176\n陳文萍\n陳文萍\n台東市鯉躍街543號\n0900000197','\n',char(10)));
INSERT INTO customer_search VALUES(21,replace('7849254\n翁子廷\n翁子廷\n台東市雲瀑路一段325號\n0900000024','\n',char(10)));
INSERT INTO customer_search VALUES(22,replace('7031722\n葉玉恩\n葉玉恩\n台東市豐禾路三段265巷74號\n089000005','\n',char(10)));
INSERT INTO customer_search VALUES(23,replace('7807254\n潘太太\n潘太太\n台東市松嶺路1號\n0900000207','\n',char(10)));
INSERT INTO customer_search VALUES(24,replace('7615842\n鄭怡功\n鄭怡功\n台東市觀濤路318號8樓\n089000090','\n',char(10)));
CREATE TABLE customer_sheets (
    customer_id INTEGER PRIMARY KEY REFERENCES customers (id) ON DELETE RESTRICT,
    import_id   INTEGER NOT NULL REFERENCES imports (id) ON DELETE RESTRICT,
    cells       TEXT    NOT NULL CHECK (json_valid(cells))  -- {heading: text}, empty cells left out
) STRICT;
INSERT INTO customer_sheets VALUES(1,1,'{"客戶":"6000001","客戶簡稱":"現金零售","計價方式":"桶裝","結帳方式":"現金"}');
INSERT INTO customer_sheets VALUES(2,1,'{"客戶":"6100001","電子發票抬頭":"範例餐飲有限公司","客戶簡稱":"￡範例小吃店","地址":"臺東縣範例市中正路1號","系統上鋼瓶數量":"20*5+16*1","20KG":"5","16KG":"1","計價方式":"桶裝","結帳方式":"月結","發報":"V","排巡":"V","9~10":"1","10~11":"1","14~15":"1","時段早1午2晚3全天0":"1","公休日":"2.3","切替器型號":"重量發報","月配送量":"64","退氣":"0","平均日使用":"2.133","串接數量":"60","備用量":"20","最大週期":"23.90625","可延後天數":"6.96875","是否需要當天去":"7.87","區域":"A-甲區","1汽車/2機車/0全部":"1","單一區域供應":"2","第一使用區域(串接)":"20KG:3","第二使用區域":"煎台16*1","預備桶":"20*1+16*1","切替器":"1","智慧秤":"1","類型":"市場"}');
INSERT INTO customer_sheets VALUES(3,1,'{"客戶":"6100002","電子發票抬頭":"範例國小","客戶簡稱":"範例國小","地址":"台東縣範例鄉學府路2號","流量20公斤":"3","計價方式":"流量","結帳方式":"月結","排巡":"X","公休日":"7.Red","月配送量":"20","退氣":"12","區域":"B-乙區","1汽車/2機車/0全部":"0","類型":"學校"}');
INSERT INTO customer_sheets VALUES(4,1,'{"客戶":"6100003","電子發票抬頭":"木瓜冰店","客戶簡稱":"木瓜冰店","地址":"臺東縣範例市中正路1號","好運16":"2","計價方式":"桶裝","結帳方式":"現金","訂閱式會員":"V","公休日":"不定","區域":"A-甲區","1汽車/2機車/0全部":"2"}');
INSERT INTO customer_sheets VALUES(5,1,'{"客戶":"6100004","電子發票抬頭":"以前的店","客戶簡稱":"以前的店","地址":"範例市舊街4號","50KG":"2","計價方式":"桶裝","結帳方式":"現金","已解約":"V"}');
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
INSERT INTO customers VALUES(1,'6000001','現金零售',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1,0,0,'clients',NULL,1,1795326957582,1795326957582,1);
INSERT INTO customers VALUES(2,'6100001','￡範例小吃店','範例餐飲有限公司','臺東縣範例市中正路1號',1,'王小姐',NULL,'市場','後門進',NULL,'cylinder','monthly',0,0,1,1,NULL,0,NULL,NULL,NULL,'重量發報',70,1,6,0,NULL,1,64000,0,2133,60000,20000,23.90625,6.96875,7.8700000000000001065,2,'20*1+16*1','20*5+16*1',0,1,0,0,'clients',NULL,1,1795326957582,1795326959098,2);
INSERT INTO customers VALUES(3,'6100002','範例國小','範例國小','台東縣範例鄉學府路2號',2,NULL,NULL,'學校',NULL,NULL,'flow','monthly',0,0,0,0,NULL,0,NULL,NULL,NULL,NULL,0,NULL,64,1,NULL,0,20000,12000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,0,'clients',NULL,1,1795326957582,1795326959410,2);
INSERT INTO customers VALUES(4,'6100003','木瓜冰店二店','木瓜冰店','臺東縣範例市中正路1號',1,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,1,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,'不定',2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,0,'clients',NULL,1,1795326957582,1795326959110,2);
INSERT INTO customers VALUES(5,'6100004','以前的店','以前的店','範例市舊街4號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,1,0,'clients',NULL,1,1795326957582,1795326957582,1);
INSERT INTO customers VALUES(6,'7200001','陳小姐',NULL,'範例市後街9號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'history','2025-04-04',1,1795326957582,1795326957582,1);
INSERT INTO customers VALUES(8,'1900001','新客人',NULL,'範例市新街1號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,0,'office',NULL,NULL,1795326959118,1795326959118,1);
INSERT INTO customers VALUES(9,'7023311','蘇志婷','蘇志婷','臺東縣東河鄉溪谷村紅楓街519號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(10,'7246718','高宜彥','高宜彥','臺東市日昇路二段266巷594號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(11,'7180572','蔡品芳-海青','蔡品芳-海青','臺東市鯉躍街336號之3',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(12,'7295384','林媽媽','林媽媽','臺東縣大武鄉和風村觀濤路二段568號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(13,'7420046','高小姐','高小姐','臺東市豐禾路一段513號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(14,'7936126','林宥傑','林宥傑','臺東市金穗路2巷44號之2',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(15,'7650832','莊媽媽','莊媽媽','台東市豐禾路356巷455號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(16,'7020578','蔡怡瑜','蔡怡瑜','臺東市許厝路二段678號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(17,'7443213','徐金賢-豐禾','徐金賢-豐禾','臺東市金穗路571號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(18,'7974835','莊家輝','莊家輝','臺東市松嶺路7弄621號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(19,'7633054','周玉恩','周玉恩','臺東市建功街444號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(20,'7146176','陳文萍','陳文萍','臺東市鯉躍街543號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(21,'7849254','翁子廷','翁子廷','臺東市雲瀑路一段325號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(22,'7031722','葉玉恩','葉玉恩','臺東市豐禾路三段265巷74號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(23,'7807254','潘太太','潘太太','臺東市松嶺路1號',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
INSERT INTO customers VALUES(24,'7615842','鄭怡功','鄭怡功','臺東市觀濤路318號8樓',NULL,NULL,NULL,NULL,NULL,NULL,'cylinder','cash',0,0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,1,'plan',NULL,4,1795326959509,1795326959509,1);
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
INSERT INTO deliveries VALUES(17,2,'2026-10-10','commercial','10:00',NULL,2,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO deliveries VALUES(18,3,'2026-11-11','commercial','09:00',NULL,4,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO deliveries VALUES(20,2,'2026-11-22','live','16:19',NULL,2,1,NULL,NULL,'阿明',NULL,NULL,NULL);
INSERT INTO deliveries VALUES(21,4,'2026-11-22','live','16:19',NULL,NULL,1,NULL,NULL,'阿明',NULL,NULL,NULL);
INSERT INTO deliveries VALUES(22,9,'2026-11-22','live','19:28',NULL,1,NULL,NULL,NULL,'阿明',NULL,NULL,NULL);
INSERT INTO deliveries VALUES(23,17,'2026-11-22','live','19:28',NULL,2,NULL,NULL,NULL,'阿強',NULL,NULL,NULL);
INSERT INTO deliveries VALUES(24,22,'2026-11-22','live','19:28',NULL,1,NULL,NULL,NULL,'阿強',NULL,NULL,NULL);
CREATE TABLE delivery_days (
    delivered_on TEXT    NOT NULL PRIMARY KEY,
    deliveries   INTEGER NOT NULL CHECK (0 <= deliveries),
    known        INTEGER NOT NULL CHECK (known BETWEEN 0 AND deliveries),  -- of these, how many have quantities
    gas_g        INTEGER NOT NULL CHECK (0 <= gas_g)                       -- what the known ones add up to
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_days VALUES('2023-12-31',1,0,0);
INSERT INTO delivery_days VALUES('2024-01-05',1,0,0);
INSERT INTO delivery_days VALUES('2024-01-28',1,0,0);
INSERT INTO delivery_days VALUES('2024-02-20',1,0,0);
INSERT INTO delivery_days VALUES('2024-02-29',1,0,0);
INSERT INTO delivery_days VALUES('2024-03-01',1,0,0);
INSERT INTO delivery_days VALUES('2025-01-05',1,1,32000);
INSERT INTO delivery_days VALUES('2025-01-15',1,0,0);
INSERT INTO delivery_days VALUES('2025-02-10',1,0,0);
INSERT INTO delivery_days VALUES('2025-03-01',1,0,0);
INSERT INTO delivery_days VALUES('2025-03-02',1,0,0);
INSERT INTO delivery_days VALUES('2025-03-25',1,0,0);
INSERT INTO delivery_days VALUES('2025-04-01',1,0,0);
INSERT INTO delivery_days VALUES('2025-04-02',1,0,0);
INSERT INTO delivery_days VALUES('2025-04-04',1,0,0);
INSERT INTO delivery_days VALUES('2025-04-10',1,1,76000);
INSERT INTO delivery_days VALUES('2025-04-11',1,1,50000);
INSERT INTO delivery_days VALUES('2026-10-10',1,1,40000);
INSERT INTO delivery_days VALUES('2026-11-11',1,1,80000);
INSERT INTO delivery_days VALUES('2026-11-22',5,5,152000);
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
INSERT INTO delivery_drops VALUES(1,16,'09:10',NULL,2,NULL,NULL,NULL,'放後門',2);
INSERT INTO delivery_drops VALUES(2,16,'15:05',NULL,1,1,NULL,NULL,NULL,2);
INSERT INTO delivery_drops VALUES(3,17,'10:00',NULL,2,NULL,NULL,NULL,NULL,2);
INSERT INTO delivery_drops VALUES(4,18,'09:00',NULL,3,NULL,NULL,NULL,NULL,2);
INSERT INTO delivery_drops VALUES(5,18,'16:00',NULL,1,NULL,NULL,NULL,NULL,2);
INSERT INTO delivery_drops VALUES(6,19,'10:00',1,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO delivery_drops VALUES(7,13,'11:20',NULL,NULL,2,NULL,NULL,NULL,2);
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
INSERT INTO delivery_history VALUES(1,1,'2025-04-01','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,1);
INSERT INTO delivery_history VALUES(2,1,'2025-04-02','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,1);
INSERT INTO delivery_history VALUES(3,2,'2024-01-05','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO delivery_history VALUES(4,2,'2024-01-28','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO delivery_history VALUES(5,2,'2024-02-20','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO delivery_history VALUES(6,2,'2025-01-15','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO delivery_history VALUES(7,2,'2025-02-10','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO delivery_history VALUES(8,2,'2025-03-01','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO delivery_history VALUES(9,2,'2025-03-25','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO delivery_history VALUES(10,3,'2024-03-01','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,1);
INSERT INTO delivery_history VALUES(11,3,'2025-03-02','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,1);
INSERT INTO delivery_history VALUES(12,4,'2024-02-29','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,1);
INSERT INTO delivery_history VALUES(13,4,'2025-01-05','history','11:20',NULL,NULL,2,NULL,NULL,NULL,NULL,3,1);
INSERT INTO delivery_history VALUES(14,6,'2023-12-31','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1);
INSERT INTO delivery_history VALUES(15,6,'2025-04-04','history',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1);
INSERT INTO delivery_history VALUES(16,2,'2025-04-10','commercial','09:10',NULL,3,1,NULL,NULL,NULL,'放後門',NULL,2);
INSERT INTO delivery_history VALUES(19,5,'2025-04-11','commercial','10:00',1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2);
CREATE TABLE history_open (
    import_id INTEGER NOT NULL PRIMARY KEY
) STRICT;
CREATE TABLE import_changes (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE RESTRICT,
    seq       INTEGER NOT NULL,
    noun      TEXT    NOT NULL,
    noun_id   INTEGER NOT NULL,
    before    TEXT    NOT NULL CHECK (json_valid(before)),
    PRIMARY KEY (import_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO import_changes VALUES(1,1,'area',1,'null');
INSERT INTO import_changes VALUES(1,2,'area',2,'null');
INSERT INTO import_changes VALUES(1,3,'recorded_names',1,'5');
INSERT INTO import_changes VALUES(2,1,'recorded_names',6,'0');
INSERT INTO import_changes VALUES(2,2,'delivery',13,'{"day":"2025-01-05","source":"history","at_time":null,"load":[null,null,null,null,null],"driver_name":null,"note":null}');
INSERT INTO import_changes VALUES(4,1,'recorded_names',6,'0');
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
INSERT INTO import_problems VALUES(1,1,'clients.xlsx','客戶資料',5,'公休日','不定','closed_text','keep');
INSERT INTO import_problems VALUES(1,2,'history.xlsx',NULL,17,'最後十次日期','1141301','bad_date','skip');
INSERT INTO import_problems VALUES(1,3,'history.xlsx',NULL,18,'最後十次日期','1130230','bad_date','skip');
INSERT INTO import_problems VALUES(1,4,'history.xlsx',NULL,13,'客戶','7200001','not_in_client_list','stub');
INSERT INTO import_problems VALUES(3,1,'third.csv',NULL,3,'客戶代號','8100009','unknown_code','stub');
INSERT INTO import_problems VALUES(4,1,'residential_plan.xlsx','Sheet1',8,'電話','０９００-０００-８４５','fullwidth_phone','repair');
INSERT INTO import_problems VALUES(4,2,'residential_plan.xlsx','Sheet1',9,'客戶編號','７４４３２１３','fullwidth_code','repair');
INSERT INTO import_problems VALUES(4,3,'residential_plan.xlsx','Sheet1',11,'鋼瓶','２０＊１','fullwidth_cylinders','repair');
INSERT INTO import_problems VALUES(4,4,'residential_plan.xlsx','Sheet1',13,'客戶編號','','missing_code','skip');
INSERT INTO import_problems VALUES(4,5,'residential_plan.xlsx','Sheet1',18,'預計日期','1140631','bad_date','skip');
INSERT INTO import_problems VALUES(4,6,'residential_plan.xlsx','Sheet1',1,NULL,'7023311','unknown_code','stub');
INSERT INTO import_problems VALUES(4,7,'residential_plan.xlsx','Sheet1',2,NULL,'7246718','unknown_code','stub');
INSERT INTO import_problems VALUES(4,8,'residential_plan.xlsx','Sheet1',3,NULL,'7180572','unknown_code','stub');
INSERT INTO import_problems VALUES(4,9,'residential_plan.xlsx','Sheet1',4,NULL,'7295384','unknown_code','stub');
INSERT INTO import_problems VALUES(4,10,'residential_plan.xlsx','Sheet1',5,NULL,'7420046','unknown_code','stub');
INSERT INTO import_problems VALUES(4,11,'residential_plan.xlsx','Sheet1',6,NULL,'7936126','unknown_code','stub');
INSERT INTO import_problems VALUES(4,12,'residential_plan.xlsx','Sheet1',7,NULL,'7650832','unknown_code','stub');
INSERT INTO import_problems VALUES(4,13,'residential_plan.xlsx','Sheet1',8,NULL,'7020578','unknown_code','stub');
INSERT INTO import_problems VALUES(4,14,'residential_plan.xlsx','Sheet1',9,NULL,'7443213','unknown_code','stub');
INSERT INTO import_problems VALUES(4,15,'residential_plan.xlsx','Sheet1',10,NULL,'7974835','unknown_code','stub');
INSERT INTO import_problems VALUES(4,16,'residential_plan.xlsx','Sheet1',11,NULL,'7633054','unknown_code','stub');
INSERT INTO import_problems VALUES(4,17,'residential_plan.xlsx','Sheet1',12,NULL,'7146176','unknown_code','stub');
INSERT INTO import_problems VALUES(4,18,'residential_plan.xlsx','Sheet1',14,NULL,'7849254','unknown_code','stub');
INSERT INTO import_problems VALUES(4,19,'residential_plan.xlsx','Sheet1',15,NULL,'7031722','unknown_code','stub');
INSERT INTO import_problems VALUES(4,20,'residential_plan.xlsx','Sheet1',16,NULL,'7807254','unknown_code','stub');
INSERT INTO import_problems VALUES(4,21,'residential_plan.xlsx','Sheet1',17,NULL,'7615842','unknown_code','stub');
CREATE TABLE import_rows (
    id          INTEGER PRIMARY KEY,
    import_id   INTEGER NOT NULL REFERENCES imports (id) ON DELETE RESTRICT,
    file        TEXT    NOT NULL,
    row_no      INTEGER NOT NULL,
    customer_id INTEGER REFERENCES customers (id) ON DELETE RESTRICT,
    raw         TEXT    NOT NULL CHECK (json_valid(raw))       -- {heading: text as it stood}
) STRICT;
INSERT INTO import_rows VALUES(1,1,'clients.xlsx',2,1,'{"客戶":"6000001","客戶簡稱":"現金零售","計價方式":"桶裝","結帳方式":"現金"}');
INSERT INTO import_rows VALUES(2,1,'clients.xlsx',3,2,'{"客戶":"6100001","電子發票抬頭":"範例餐飲有限公司","客戶簡稱":"￡範例小吃店","地址":"臺東縣範例市中正路1號","系統上鋼瓶數量":"20*5+16*1","20KG":"5","16KG":"1","計價方式":"桶裝","結帳方式":"月結","發報":"V","排巡":"V","9~10":"1","10~11":"1","14~15":"1","時段早1午2晚3全天0":"1","公休日":"2.3","切替器型號":"重量發報","月配送量":"64","退氣":"0","平均日使用":"2.133","串接數量":"60","備用量":"20","最大週期":"23.90625","可延後天數":"6.96875","是否需要當天去":"7.87","區域":"A-甲區","1汽車/2機車/0全部":"1","單一區域供應":"2","第一使用區域(串接)":"20KG:3","第二使用區域":"煎台16*1","預備桶":"20*1+16*1","切替器":"1","智慧秤":"1","類型":"市場"}');
INSERT INTO import_rows VALUES(3,1,'clients.xlsx',4,3,'{"客戶":"6100002","電子發票抬頭":"範例國小","客戶簡稱":"範例國小","地址":"台東縣範例鄉學府路2號","流量20公斤":"3","計價方式":"流量","結帳方式":"月結","排巡":"X","公休日":"7.Red","月配送量":"20","退氣":"12","區域":"B-乙區","1汽車/2機車/0全部":"0","類型":"學校"}');
INSERT INTO import_rows VALUES(4,1,'clients.xlsx',5,4,'{"客戶":"6100003","電子發票抬頭":"木瓜冰店","客戶簡稱":"木瓜冰店","地址":"臺東縣範例市中正路1號","好運16":"2","計價方式":"桶裝","結帳方式":"現金","訂閱式會員":"V","公休日":"不定","區域":"A-甲區","1汽車/2機車/0全部":"2"}');
INSERT INTO import_rows VALUES(5,1,'clients.xlsx',6,5,'{"客戶":"6100004","電子發票抬頭":"以前的店","客戶簡稱":"以前的店","地址":"範例市舊街4號","50KG":"2","計價方式":"桶裝","結帳方式":"現金","已解約":"V"}');
INSERT INTO import_rows VALUES(6,4,'residential_plan.xlsx',1,9,'{"序號":"1","客戶編號":"7023311","名稱":"蘇志婷","地址":"臺東縣東河鄉溪谷村紅楓街519號","電話":"(089) 000-780","鋼瓶":"20*1","上次日期":"1140317","預計日期":"1140530"}');
INSERT INTO import_rows VALUES(7,4,'residential_plan.xlsx',2,10,'{"序號":"2","客戶編號":"7246718","名稱":"高宜彥","地址":"臺東市日昇路二段266巷594號","電話":"0900-000-534","鋼瓶":"20*1","上次日期":"1140528","預計日期":"1140531"}');
INSERT INTO import_rows VALUES(8,4,'residential_plan.xlsx',3,11,'{"序號":"3","客戶編號":"7180572","名稱":"蔡品芳-海青","地址":"臺東市鯉躍街336號之3","電話":"0900-000-129","鋼瓶":"20*1","上次日期":"1140403","預計日期":"1140601"}');
INSERT INTO import_rows VALUES(9,4,'residential_plan.xlsx',4,12,'{"序號":"4","客戶編號":"7295384","名稱":"林媽媽","地址":"臺東縣大武鄉和風村觀濤路二段568號","電話":"(089) 000-951","鋼瓶":"20*1","上次日期":"1140221","預計日期":"1140602"}');
INSERT INTO import_rows VALUES(10,4,'residential_plan.xlsx',5,13,'{"序號":"5","客戶編號":"7420046","名稱":"高小姐","地址":"臺東市豐禾路一段513號","電話":"0900-000-720","鋼瓶":"20*1","上次日期":"1140527","預計日期":"1140603"}');
INSERT INTO import_rows VALUES(11,4,'residential_plan.xlsx',6,14,'{"序號":"6","客戶編號":"7936126","名稱":"林宥傑","地址":"臺東市金穗路2巷44號之2","電話":"0900-000-599","鋼瓶":"20*1","上次日期":"","預計日期":"1140604"}');
INSERT INTO import_rows VALUES(12,4,'residential_plan.xlsx',7,15,'{"序號":"7","客戶編號":"7650832","名稱":"莊媽媽","地址":"台東市豐禾路356巷455號","電話":"0900-000-253","鋼瓶":"16*1","上次日期":"1140508","預計日期":"1140530"}');
INSERT INTO import_rows VALUES(13,4,'residential_plan.xlsx',8,16,'{"序號":"8","客戶編號":"7020578","名稱":"蔡怡瑜","地址":"臺東市許厝路二段678號","電話":"０９００-０００-８４５","鋼瓶":"16*1","上次日期":"1140510","預計日期":"1140531"}');
INSERT INTO import_rows VALUES(14,4,'residential_plan.xlsx',9,17,'{"序號":"9","客戶編號":"７４４３２１３","名稱":"徐金賢-豐禾","地址":"臺東市金穗路571號","電話":"0900-000-017","鋼瓶":"20*1","上次日期":"1140513","預計日期":"1140601"}');
INSERT INTO import_rows VALUES(15,4,'residential_plan.xlsx',10,18,'{"序號":"10","客戶編號":"7974835","名稱":"莊家輝","地址":"臺東市松嶺路7弄621號","電話":"0900-000-325","鋼瓶":"20*1","上次日期":"","預計日期":"1140602"}');
INSERT INTO import_rows VALUES(16,4,'residential_plan.xlsx',11,19,'{"序號":"11","客戶編號":"7633054","名稱":"周玉恩","地址":"臺東市建功街444號","電話":"(089) 000-329","鋼瓶":"２０＊１","上次日期":"1140521","預計日期":"1140603"}');
INSERT INTO import_rows VALUES(17,4,'residential_plan.xlsx',12,20,'{"序號":"12","客戶編號":"7146176","名稱":"陳文萍","地址":"臺東市鯉躍街543號","電話":"0900-000-197","鋼瓶":"16*1","上次日期":"1140304","預計日期":"1140604"}');
INSERT INTO import_rows VALUES(18,4,'residential_plan.xlsx',14,21,'{"序號":"14","客戶編號":"7849254","名稱":"翁子廷","地址":"臺東市雲瀑路一段325號","電話":"0900-000-024","鋼瓶":"20*2","上次日期":"1140319","預計日期":"1140531"}');
INSERT INTO import_rows VALUES(19,4,'residential_plan.xlsx',15,22,'{"序號":"15","客戶編號":"7031722","名稱":"葉玉恩","地址":"臺東市豐禾路三段265巷74號","電話":"(089) 000-005","鋼瓶":"16*1","上次日期":"1140409","預計日期":"1140601"}');
INSERT INTO import_rows VALUES(20,4,'residential_plan.xlsx',16,23,'{"序號":"16","客戶編號":"7807254","名稱":"潘太太","地址":"臺東市松嶺路1號","電話":"0900-000-207","鋼瓶":"20*1","上次日期":"1140421","預計日期":"1140602"}');
INSERT INTO import_rows VALUES(21,4,'residential_plan.xlsx',17,24,'{"序號":"17","客戶編號":"7615842","名稱":"鄭怡功","地址":"臺東市觀濤路318號8樓","電話":"(089) 000-090","鋼瓶":"20*1","上次日期":"1140423","預計日期":"1140603"}');
CREATE TABLE imports (
    id            INTEGER PRIMARY KEY,
    applied_at    INTEGER NOT NULL,
    user_id       INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    report        TEXT    NOT NULL CHECK (json_valid(report)),  -- the object `luckygas import --json` prints, less its problems
    taken_back_at INTEGER
) STRICT;
INSERT INTO imports VALUES(1,1795326957582,NULL,'{"files":[{"name":"clients.xlsx","kind":"clients","sheet":"客戶資料","rows_read":5,"accepted":5,"skipped":0,"repaired":0,"duplicates":0,"ignored":0,"columns":[{"heading":"客戶","meaning":"客戶編號"},{"heading":"電子發票抬頭","meaning":"抬頭"},{"heading":"客戶簡稱","meaning":"名稱"},{"heading":"地址","meaning":"地址"},{"heading":"系統上鋼瓶數量","meaning":"舊系統的鋼瓶"},{"heading":"50KG","meaning":"鋼瓶數"},{"heading":"20KG","meaning":"鋼瓶數"},{"heading":"16KG","meaning":"鋼瓶數"},{"heading":"好運16","meaning":"鋼瓶數"},{"heading":"流量20公斤","meaning":"鋼瓶數"},{"heading":"計價方式","meaning":"計價方式"},{"heading":"結帳方式","meaning":"結帳方式"},{"heading":"訂閱式會員","meaning":"打勾"},{"heading":"發報","meaning":"打勾"},{"heading":"排巡","meaning":"打勾"},{"heading":"已解約","meaning":"打勾"},{"heading":"9~10","meaning":"可送時間"},{"heading":"10~11","meaning":"可送時間"},{"heading":"14~15","meaning":"可送時間"},{"heading":"時段早1午2晚3全天0","meaning":"時段"},{"heading":"公休日","meaning":"公休日"},{"heading":"切替器型號","meaning":"文字"},{"heading":"月配送量","meaning":"公斤"},{"heading":"退氣","meaning":"公斤"},{"heading":"平均日使用","meaning":"公斤"},{"heading":"串接數量","meaning":"公斤"},{"heading":"備用量","meaning":"公斤"},{"heading":"最大週期","meaning":"天"},{"heading":"可延後天數","meaning":"天"},{"heading":"是否需要當天去","meaning":"公斤，可為負數"},{"heading":"區域","meaning":"區域"},{"heading":"1汽車/2機車/0全部","meaning":"車種"},{"heading":"單一區域供應","meaning":"使用點數"},{"heading":"第一使用區域(串接)","meaning":"使用區域"},{"heading":"第二使用區域","meaning":"使用區域"},{"heading":"預備桶","meaning":"文字"},{"heading":"切替器","meaning":"設備"},{"heading":"智慧秤","meaning":"設備"},{"heading":"類型","meaning":"客戶類型"}],"first_on":null,"last_on":null},{"name":"history.xlsx","kind":"history","sheet":null,"rows_read":17,"accepted":15,"skipped":2,"repaired":0,"duplicates":0,"ignored":0,"columns":[{"heading":"客戶","meaning":"客戶編號"},{"heading":"電子發票抬頭","meaning":"抬頭"},{"heading":"客戶簡稱","meaning":"名稱"},{"heading":"地址","meaning":"地址"},{"heading":"最後十次日期","meaning":"配送日期，一列一次"}],"first_on":"2023-12-31","last_on":"2025-04-04"}],"customers":{"total":6,"created":6,"created_from_history":1,"updated":0},"deliveries":{"total":15,"created":15,"duplicates":0,"completed":0},"visits":{"created":0},"walk_in_proposals":[]}',NULL);
INSERT INTO imports VALUES(2,1795326957670,NULL,'{"files":[{"name":"till.csv","kind":"commercial","sheet":null,"rows_read":7,"accepted":7,"skipped":0,"repaired":0,"duplicates":0,"ignored":0,"columns":[{"heading":"客戶代號","meaning":"客戶編號"},{"heading":"交易日期","meaning":"配送日期"},{"heading":"交易時間","meaning":"時間"},{"heading":"備註","meaning":"備註"},{"heading":"50KG","meaning":"支數"},{"heading":"20KG","meaning":"支數"},{"heading":"16KG","meaning":"支數"},{"heading":"10KG","meaning":"支數"},{"heading":"4KG","meaning":"支數"}],"first_on":"2025-01-05","last_on":"2026-11-11"}],"customers":{"total":6,"created":0,"created_from_history":0,"updated":0},"deliveries":{"total":19,"created":4,"duplicates":1,"completed":1},"visits":{"created":0},"walk_in_proposals":[]}',NULL);
INSERT INTO imports VALUES(3,1795326957845,NULL,'{"files":[{"name":"third.csv","kind":"commercial","sheet":null,"rows_read":2,"accepted":2,"skipped":0,"repaired":0,"duplicates":0,"ignored":0,"columns":[{"heading":"客戶代號","meaning":"客戶編號"},{"heading":"交易日期","meaning":"配送日期"},{"heading":"交易時間","meaning":"時間"},{"heading":"備註","meaning":"備註"},{"heading":"50KG","meaning":"支數"},{"heading":"20KG","meaning":"支數"},{"heading":"16KG","meaning":"支數"},{"heading":"10KG","meaning":"支數"},{"heading":"4KG","meaning":"支數"}],"first_on":"2025-03-03","last_on":"2025-03-03"}],"customers":{"total":7,"created":1,"created_from_history":0,"updated":0},"deliveries":{"total":21,"created":2,"duplicates":0,"completed":0},"visits":{"created":0},"walk_in_proposals":[]}',1795326959402);
INSERT INTO imports VALUES(4,1795326959509,NULL,'{"files":[{"name":"residential_plan.xlsx","kind":"plan","sheet":"Sheet1","rows_read":18,"accepted":16,"skipped":2,"repaired":3,"duplicates":0,"ignored":0,"columns":[{"heading":"A","meaning":"序號"},{"heading":"B","meaning":"客戶編號"},{"heading":"C","meaning":"名稱"},{"heading":"D","meaning":"地址"},{"heading":"E","meaning":"電話"},{"heading":"F","meaning":"鋼瓶"},{"heading":"G","meaning":"上次日期"},{"heading":"H","meaning":"預計日期"}],"first_on":"2025-05-30","last_on":"2025-06-04"}],"customers":{"total":23,"created":16,"created_from_history":0,"updated":0},"deliveries":{"total":19,"created":0,"duplicates":0,"completed":0},"visits":{"created":16},"walk_in_proposals":[]}',NULL);
CREATE TABLE job_runs (
    id          INTEGER PRIMARY KEY,
    job         TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    outcome     TEXT    CHECK (outcome IN ('done', 'failed')),
    counts      TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(counts)),
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
) STRICT;
INSERT INTO job_runs VALUES(1,'archive',1795326959657,1795326959669,'done','{"moved":0}');
INSERT INTO job_runs VALUES(2,'templates',1795335555637,1795335555638,'done','{"made":0,"ended":0,"stopped":0,"passed_over":0,"failed":0,"failures":[]}');
INSERT INTO job_runs VALUES(3,'sessions',1795335555639,1795335555639,'done','{"removed":0}');
INSERT INTO job_runs VALUES(4,'optimize',1795335555640,1795335555643,'done','{"file_bytes":483328}');
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    user_id INTEGER REFERENCES users (id) ON DELETE RESTRICT, -- NULL: the program itself or its command line
    verb    TEXT    NOT NULL,
    noun    TEXT    NOT NULL,
    noun_id INTEGER,
    change  TEXT    NOT NULL CHECK (json_valid(change))       -- {"before": …, "after": …} or what the verb needs
) STRICT;
INSERT INTO journal VALUES(1,1795326956256,NULL,'create','user',1,'{"after":{"username":"boss","name":"老闆","role":"admin"}}');
INSERT INTO journal VALUES(2,1795326956605,NULL,'create','user',2,'{"after":{"username":"lin","name":"林經理","role":"manager"}}');
INSERT INTO journal VALUES(3,1795326956813,NULL,'create','user',3,'{"after":{"username":"chen","name":"陳會計","role":"accountant"}}');
INSERT INTO journal VALUES(4,1795326957069,NULL,'create','user',4,'{"after":{"username":"xiaohui","name":"小惠","role":"office_staff"}}');
INSERT INTO journal VALUES(5,1795326957354,NULL,'create','user',5,'{"after":{"username":"aming","name":"阿明","role":"driver"}}');
INSERT INTO journal VALUES(6,1795326957582,NULL,'import','import',1,'{"files":["clients.xlsx","history.xlsx"],"customers":{"total":6,"created":6,"created_from_history":1,"updated":0},"deliveries":{"total":15,"created":15,"duplicates":0,"completed":0}}');
INSERT INTO journal VALUES(7,1795326957670,NULL,'import','import',2,'{"files":["till.csv"],"customers":{"total":6,"created":0,"created_from_history":0,"updated":0},"deliveries":{"total":19,"created":4,"duplicates":1,"completed":1}}');
INSERT INTO journal VALUES(8,1795326957845,NULL,'import','import',3,'{"files":["third.csv"],"customers":{"total":7,"created":1,"created_from_history":0,"updated":0},"deliveries":{"total":21,"created":2,"duplicates":0,"completed":0}}');
INSERT INTO journal VALUES(9,1795326958293,NULL,'sign_in_failure','user',2,'{"failed":1}');
INSERT INTO journal VALUES(10,1795326959098,4,'edit','customer',2,'{"version":1,"before":{"contact_name":null,"notes":null,"phones":[]},"after":{"contact_name":"王小姐","notes":"後門進","phones":[{"e164":"+886900000213","extension":null,"number":"0900-000-213","label":"老闆","raw":"0900-000-213"},{"e164":"+88689322112","extension":"7","number":"089-322112#7","label":null,"raw":"089-322112#7"}]}}');
INSERT INTO journal VALUES(11,1795326959110,4,'edit','customer',4,'{"version":1,"before":{"short_name":"木瓜冰店","phones":[]},"after":{"short_name":"木瓜冰店二店","phones":[{"e164":"+886900000214","extension":null,"number":"0900-000-214","label":null,"raw":"0900-000-214"}]}}');
INSERT INTO journal VALUES(12,1795326959118,4,'create','customer',8,'{"version":0,"after":{"customer_code":"1900001","short_name":"新客人","invoice_title":null,"address":"範例市新街1號","area":null,"contact_name":null,"tax_id":null,"customer_type":null,"notes":null,"access_note":null,"phones":[{"e164":"+886900000215","extension":null,"number":"0900-000-215","label":null,"raw":"0900-000-215"}],"pricing_method":"cylinder","payment_terms":"cash","needs_billing_file":false,"is_subscription":false,"has_telemetry":false,"on_patrol":null,"patrol_note":null,"same_day_required":false,"same_day_note":null,"equipment_owner_note":null,"site_declaration":null,"changeover_model":null,"available_hours":0,"time_period":null,"closed_weekdays":0,"closed_on_holidays":false,"closed_text":null,"vehicle_type":0,"monthly_delivered_g":null,"monthly_residual_g":null,"avg_daily_g":null,"series_g":null,"reserve_g":null,"supply_area_count":null,"spare_text":null,"legacy_cylinder_text":null,"cylinders":{},"usage_areas":[null,null,null,null,null],"equipment":{}}}');
INSERT INTO journal VALUES(13,1795326959361,2,'edit','setting',NULL,'{"before":{"shop_name":"煤氣行","usable_fraction":"0.85"},"after":{"shop_name":"範例煤氣行","usable_fraction":"0.8"}}');
INSERT INTO journal VALUES(14,1795326959381,2,'edit','user',2,'{"before":{"text_size":"medium"},"after":{"text_size":"large"}}');
INSERT INTO journal VALUES(15,1795326959395,2,'deactivate','user',3,'{}');
INSERT INTO journal VALUES(16,1795326959402,2,'take_back','import',3,'{"customers_kept":0,"before":{"total":21,"created":2,"duplicates":0,"completed":0}}');
INSERT INTO journal VALUES(17,1795326959410,2,'deactivate','customer',3,'{"version":1,"before":{"state":"active"},"after":{"state":"inactive"},"note":"暑假"}');
INSERT INTO journal VALUES(18,1795326959509,NULL,'import','import',4,'{"files":["residential_plan.xlsx"],"customers":{"total":23,"created":16,"created_from_history":0,"updated":0},"deliveries":{"total":19,"created":0,"duplicates":0,"completed":0}}');
INSERT INTO journal VALUES(19,1795335594394,2,'set_price','product',1,'{"customer_id":null,"valid_from":"2026-11-22","before":null,"after":{"unit_price_ntd":2000}}');
INSERT INTO journal VALUES(20,1795335594396,2,'set_price','product',2,'{"customer_id":null,"valid_from":"2026-11-22","before":null,"after":{"unit_price_ntd":850}}');
INSERT INTO journal VALUES(21,1795335594398,2,'set_price','product',3,'{"customer_id":null,"valid_from":"2026-11-22","before":null,"after":{"unit_price_ntd":700}}');
INSERT INTO journal VALUES(22,1795335594400,2,'set_price','product',4,'{"customer_id":null,"valid_from":"2026-11-22","before":null,"after":{"unit_price_ntd":480}}');
INSERT INTO journal VALUES(23,1795335594402,2,'set_price','product',5,'{"customer_id":null,"valid_from":"2026-11-22","before":null,"after":{"unit_price_ntd":250}}');
INSERT INTO journal VALUES(24,1795335594409,2,'set_price','product',8,'{"customer_id":null,"valid_from":"2026-11-22","before":null,"after":{"unit_price_ntd":720}}');
INSERT INTO journal VALUES(25,1795335594413,2,'set_price','product',13,'{"customer_id":null,"valid_from":"2026-11-22","before":null,"after":{"unit_price_ntd":42}}');
INSERT INTO journal VALUES(26,1795335594415,2,'set_price','product',2,'{"customer_id":2,"valid_from":"2026-11-22","before":null,"after":{"unit_price_ntd":820}}');
INSERT INTO journal VALUES(27,1795335594417,4,'take','order',1,'{"after":{"id":1,"order_number":"ORD-20261122-0001","customer_id":2,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"09:00","window_end":"20:00","delivery_address":"臺東縣範例市中正路1號","contact_name":"王小姐","contact_phone":"0900-000-213","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":2,"unit_price_ntd":820,"list_price_ntd":820,"discount_percent":0,"line_ntd":1640,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null},{"product_id":3,"product_name":"16KG","qty":1,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":700,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":2340,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":2340,"payment_method":"monthly","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(28,1795335594420,4,'take','order',2,'{"after":{"id":2,"order_number":"ORD-20261122-0002","customer_id":4,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"09:00","window_end":"20:00","delivery_address":"臺東縣範例市中正路1號","contact_name":null,"contact_phone":"0900-000-214","is_urgent":false,"notes":null,"lines":[{"product_id":8,"product_name":"好運16","qty":1,"unit_price_ntd":720,"list_price_ntd":720,"discount_percent":0,"line_ntd":720,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":720,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":720,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(29,1795335594423,4,'take','order',3,'{"after":{"id":3,"order_number":"ORD-20261122-0003","customer_id":8,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"09:00","window_end":"20:00","delivery_address":"範例市新街1號","contact_name":null,"contact_phone":"0900-000-215","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":850,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":850,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(30,1795335594426,4,'take','order',4,'{"after":{"id":4,"order_number":"ORD-20261122-0004","customer_id":9,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"09:00","window_end":"20:00","delivery_address":"臺東縣東河鄉溪谷村紅楓街519號","contact_name":null,"contact_phone":"089-000780","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":850,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":850,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(31,1795335594431,4,'take','order',5,'{"after":{"id":5,"order_number":"ORD-20261122-0005","customer_id":10,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"09:00","window_end":"20:00","delivery_address":"臺東市日昇路二段266巷594號","contact_name":null,"contact_phone":"0900-000-534","is_urgent":false,"notes":null,"lines":[{"product_id":3,"product_name":"16KG","qty":2,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":1400,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":1400,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":1400,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(32,1795335594433,4,'take','order',6,'{"after":{"id":6,"order_number":"ORD-20261122-0006","customer_id":11,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"09:00","window_end":"20:00","delivery_address":"臺東市鯉躍街336號之3","contact_name":null,"contact_phone":"0900-000-129","is_urgent":false,"notes":null,"lines":[{"product_id":1,"product_name":"50KG","qty":1,"unit_price_ntd":2000,"list_price_ntd":2000,"discount_percent":0,"line_ntd":2000,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":2000,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":2000,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(33,1795335594436,4,'take','order',7,'{"after":{"id":7,"order_number":"ORD-20261122-0007","customer_id":12,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"09:00","window_end":"20:00","delivery_address":"臺東縣大武鄉和風村觀濤路二段568號","contact_name":null,"contact_phone":"089-000951","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":3,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":2550,"is_exchange":true,"empties_expected":3,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":2550,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":2550,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(34,1795335594438,4,'take','order',8,'{"after":{"id":8,"order_number":"ORD-20261122-0008","customer_id":13,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-23","window_start":"09:00","window_end":"20:00","delivery_address":"臺東市豐禾路一段513號","contact_name":null,"contact_phone":"0900-000-720","is_urgent":false,"notes":null,"lines":[{"product_id":5,"product_name":"4KG","qty":2,"unit_price_ntd":250,"list_price_ntd":250,"discount_percent":0,"line_ntd":500,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":500,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":500,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(35,1795335594441,4,'take','order',9,'{"after":{"id":9,"order_number":"ORD-20261122-0009","customer_id":14,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-23","window_start":"09:00","window_end":"20:00","delivery_address":"臺東市金穗路2巷44號之2","contact_name":null,"contact_phone":"0900-000-599","is_urgent":false,"notes":null,"lines":[{"product_id":4,"product_name":"10KG","qty":1,"unit_price_ntd":480,"list_price_ntd":480,"discount_percent":0,"line_ntd":480,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":480,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":480,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(36,1795335594444,4,'take','order',10,'{"after":{"id":10,"order_number":"ORD-20261122-0010","customer_id":15,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-24","window_start":"09:00","window_end":"20:00","delivery_address":"台東市豐禾路356巷455號","contact_name":null,"contact_phone":"0900-000-253","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":850,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":850,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(37,1795335594446,4,'assign','order',1,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(38,1795335594448,4,'assign','order',2,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(39,1795335594451,4,'assign','order',3,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(40,1795335594454,4,'assign','order',4,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(41,1795335594456,4,'assign','order',5,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(42,1795335594458,4,'assign','order',6,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(43,1795335594459,4,'assign','order',7,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(44,1795335594460,5,'start','order',1,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":null}');
INSERT INTO journal VALUES(45,1795335594461,5,'start','order',2,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":null}');
INSERT INTO journal VALUES(46,1795335594463,5,'start','order',3,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":null}');
INSERT INTO journal VALUES(47,1795335594467,5,'start','order',4,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":null}');
INSERT INTO journal VALUES(48,1795335594470,5,'start','order',5,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":null}');
INSERT INTO journal VALUES(49,1795335594471,5,'deliver','order',1,'{"version":3,"before":{"status":"in_delivery","lines":[{"product_id":2,"product_name":"20KG","qty":2,"unit_price_ntd":820,"list_price_ntd":820,"discount_percent":0,"line_ntd":1640,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null},{"product_id":3,"product_name":"16KG","qty":1,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":700,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"residual_credit_ntd":0,"final_ntd":2340,"delivered_at":null,"delivery_id":null},"after":{"status":"delivered","lines":[{"product_id":2,"product_name":"20KG","qty":2,"unit_price_ntd":820,"list_price_ntd":820,"discount_percent":0,"line_ntd":1640,"is_exchange":true,"empties_expected":2,"qty_delivered":2,"empties_returned":2,"residual_g":1500},{"product_id":3,"product_name":"16KG","qty":1,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":700,"is_exchange":true,"empties_expected":1,"qty_delivered":1,"empties_returned":1,"residual_g":0}],"residual_credit_ntd":62,"final_ntd":2278,"delivered_at":"2026-11-22T16:19:54+08:00","delivery_id":20},"reason":"收的人：老闆娘"}');
INSERT INTO journal VALUES(50,1795335594475,5,'deliver','order',2,'{"version":3,"before":{"status":"in_delivery","lines":[{"product_id":8,"product_name":"好運16","qty":1,"unit_price_ntd":720,"list_price_ntd":720,"discount_percent":0,"line_ntd":720,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"delivered_at":null,"delivery_id":null},"after":{"status":"delivered","lines":[{"product_id":8,"product_name":"好運16","qty":1,"unit_price_ntd":720,"list_price_ntd":720,"discount_percent":0,"line_ntd":720,"is_exchange":true,"empties_expected":1,"qty_delivered":1,"empties_returned":0,"residual_g":0}],"delivered_at":"2026-11-22T16:19:54+08:00","delivery_id":21},"reason":"沒有簽收：老客戶"}');
INSERT INTO journal VALUES(51,1795335594479,5,'fail','order',3,'{"version":3,"before":{"status":"in_delivery","driver_id":5,"attempt_count":0},"after":{"status":"confirmed","driver_id":null,"attempt_count":1},"reason":"沒送成，客戶不在"}');
INSERT INTO journal VALUES(52,1795335594482,4,'assign','order',9,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(53,1795335594484,4,'cancel','order',10,'{"version":1,"before":{"status":"confirmed","cancel_reason":null},"after":{"status":"cancelled","cancel_reason":"customer_request"},"reason":"客戶要求"}');
INSERT INTO journal VALUES(54,1795335594485,4,'take','order',11,'{"after":{"id":11,"order_number":"ORD-20261122-0011","customer_id":1,"origin":"walk_in","status":"confirmed","scheduled_on":"2026-11-22","window_start":"09:00","window_end":"20:00","delivery_address":"範例市樣本路5號","contact_name":"路過的人","contact_phone":"0900-000-777","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":850,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":850,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(55,1795335594487,4,'take','order',12,'{"after":{"id":12,"order_number":"ORD-20261122-0012","customer_id":16,"origin":"phone","status":"pending","scheduled_on":"2026-11-23","window_start":"09:00","window_end":"20:00","delivery_address":"臺東市許厝路二段678號","contact_name":null,"contact_phone":"0900-000-845","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":850,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":850,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(56,1795335594488,4,'create','template',1,'{"after":{"id":1,"code":"6100001_TPL_001","customer_id":2,"times_used":0,"last_used_at":null,"is_active":true,"stopped_why":null,"is_stop_seen":true,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1,"name":"每週 20KG","lines":[{"product_id":2,"product_name":"20KG","qty":2}],"notes":null,"payment_method":"monthly","is_urgent":false,"recurrence":"weekly","every":1,"weekdays":0,"anchor_day":null,"next_on":"2026-11-23","end_on":null}}');
INSERT INTO journal VALUES(57,1795335594491,4,'take','order',13,'{"after":{"id":13,"order_number":"ORD-20261122-0013","customer_id":4,"origin":"planned","status":"confirmed","scheduled_on":"2026-11-23","window_start":"08:00","window_end":"20:00","delivery_address":"臺東縣範例市中正路1號","contact_name":null,"contact_phone":"0900-000-214","is_urgent":false,"notes":null,"lines":[{"product_id":8,"product_name":"好運16","qty":1,"unit_price_ntd":720,"list_price_ntd":720,"discount_percent":0,"line_ntd":720,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":720,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":720,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T16:19:54+08:00","updated_at":"2026-11-22T16:19:54+08:00","version":1}}');
INSERT INTO journal VALUES(58,1795335594491,4,'record','alarm',1,'{"after":{"id":1,"customer_id":4,"customer_code":"6100003","customer_name":"木瓜冰店二店","alarmed_at":"2026-11-22T16:19:54+08:00","note":"剩兩成","order_id":13,"order_number":"ORD-20261122-0013","order_status":"confirmed","order_is_urgent":false,"recorded_by":"小惠","created_at":"2026-11-22T16:19:54+08:00"}}');
INSERT INTO journal VALUES(59,1795346899213,2,'create','user',6,'{"after":{"username":"aqiang","name":"阿強","role":"driver"}}');
INSERT INTO journal VALUES(60,1795346899323,2,'create','vehicle',1,'{"after":{"plate":"KEA-0001","kind":"truck","max_gross_kg":1500,"note":"有尾門","is_active":true}}');
INSERT INTO journal VALUES(61,1795346899325,2,'create','vehicle',2,'{"after":{"plate":"KEA-0002","kind":"truck","max_gross_kg":1000,"note":null,"is_active":true}}');
INSERT INTO journal VALUES(62,1795346899327,2,'create','vehicle',3,'{"after":{"plate":"KEB-0003","kind":"motorcycle","max_gross_kg":180,"note":null,"is_active":true}}');
INSERT INTO journal VALUES(63,1795346899328,2,'create','vehicle',4,'{"after":{"plate":"KEA-0009","kind":"truck","max_gross_kg":1000,"note":null,"is_active":false}}');
INSERT INTO journal VALUES(64,1795346899332,4,'edit','driver',5,'{"version":0,"before":{"phone":null,"default_vehicle_id":null,"area_ids":[]},"after":{"phone":"0900-000-005","default_vehicle_id":1,"area_ids":[1]}}');
INSERT INTO journal VALUES(65,1795346899335,4,'edit','driver',6,'{"version":0,"before":{"phone":null,"default_vehicle_id":null,"area_ids":[]},"after":{"phone":"0900-000-006","default_vehicle_id":2,"area_ids":[2]}}');
INSERT INTO journal VALUES(66,1795346899337,4,'refill','cylinder',1,'{"lines":{"C50":{"sent":0,"refilled":6}},"movements":[1],"note":"進貨"}');
INSERT INTO journal VALUES(67,1795346899338,4,'refill','cylinder',2,'{"lines":{"C20":{"sent":0,"refilled":30}},"movements":[2],"note":"進貨"}');
INSERT INTO journal VALUES(68,1795346899340,4,'refill','cylinder',3,'{"lines":{"C16":{"sent":0,"refilled":20}},"movements":[3],"note":"進貨"}');
INSERT INTO journal VALUES(69,1795346899342,4,'refill','cylinder',4,'{"lines":{"C10":{"sent":0,"refilled":8}},"movements":[4],"note":"進貨"}');
INSERT INTO journal VALUES(70,1795346899343,4,'refill','cylinder',5,'{"lines":{"C16-LUCKY":{"sent":0,"refilled":6}},"movements":[5],"note":"進貨"}');
INSERT INTO journal VALUES(71,1795346899345,2,'count','cylinder',6,'{"counted":{"C20_empty":{"before":0,"after":12}},"movements":[6],"note":"盤點"}');
INSERT INTO journal VALUES(72,1795346899347,4,'refill','cylinder',7,'{"lines":{"C20":{"sent":4,"refilled":0}},"movements":[7],"note":null}');
INSERT INTO journal VALUES(73,1795346899349,4,'scrap','cylinder',8,'{"product":"C20","state":"empty","qty":1,"movements":[8],"note":"閥壞了"}');
INSERT INTO journal VALUES(74,1795346899351,2,'correct','cylinder',9,'{"customer_id":2,"product":"C20","before":5,"after":6,"movements":[9],"note":"現場數過"}');
INSERT INTO journal VALUES(75,1795346899353,4,'own','cylinder',NULL,'{"customer_id":9,"product":"C16","before":0,"after":1}');
INSERT INTO journal VALUES(76,1795346899355,4,'create','meter',1,'{"after":{"customer_id":22,"serial":"M-0001","unit":"度","g_per_unit":2100,"installed_on":"2026-10-01"}}');
INSERT INTO journal VALUES(77,1795346899358,4,'read','meter',1,'{"after":{"id":1,"meter_id":1,"read_on":"2026-10-22","value_milli":100500,"from_milli":null,"old_end_milli":null,"billed_g":0,"unit_price_ntd":null,"amount_ntd":0,"order_id":null,"stop_id":null,"user_id":4,"at":"2026-11-22T19:28:19+08:00","voided_at":null}}');
INSERT INTO journal VALUES(78,1795346899360,2,'set_price','product',13,'{"customer_id":null,"valid_from":"2026-11-22","before":{"unit_price_ntd":42},"after":{"unit_price_ntd":45}}');
INSERT INTO journal VALUES(79,1795346899362,4,'read','meter',1,'{"after":{"id":2,"meter_id":1,"read_on":"2026-11-21","value_milli":112250,"from_milli":100500,"old_end_milli":null,"billed_g":24675,"unit_price_ntd":null,"amount_ntd":0,"order_id":null,"stop_id":null,"user_id":4,"at":"2026-11-22T19:28:19+08:00","voided_at":null}}');
INSERT INTO journal VALUES(80,1795346899367,5,'arrive','stop',1,'{"route":1,"drivers":[5],"version":1,"order":4,"before":{"status":"pending","arrived_at":null},"after":{"status":"arrived","arrived_at":"2026-11-22T19:28:19+08:00"}}');
INSERT INTO journal VALUES(81,1795346899370,5,'deliver','order',4,'{"version":3,"before":{"status":"in_delivery","lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"residual_credit_ntd":0,"final_ntd":850,"payment_status":"unpaid","paid_ntd":0,"delivered_at":null,"delivery_id":null},"after":{"status":"delivered","lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":1,"empties_returned":1,"residual_g":2000}],"residual_credit_ntd":85,"final_ntd":765,"payment_status":"paid","paid_ntd":765,"delivered_at":"2026-11-22T19:28:19+08:00","delivery_id":22},"reason":"收的人：蘇小姐"}');
INSERT INTO journal VALUES(82,1795346899370,5,'record','payment',1,'{"after":{"payment_number":"PAY-20261122-0001","customer_id":9,"method":"cash","amount_ntd":765,"order_id":4,"stop_id":1,"received_by":5}}');
INSERT INTO journal VALUES(83,1795346899370,5,'complete','stop',1,'{"route":1,"drivers":[5],"version":2,"order":4,"before":{"status":"arrived","finished_at":null,"recipient":null,"cash_due_ntd":null,"cash_handed_ntd":null,"cash_ntd":null},"after":{"status":"completed","finished_at":"2026-11-22T19:28:19+08:00","recipient":"蘇小姐","cash_due_ntd":765,"cash_handed_ntd":1000,"cash_ntd":765}}');
INSERT INTO journal VALUES(84,1795346899380,5,'deliver','order',5,'{"version":3,"before":{"status":"in_delivery","lines":[{"product_id":3,"product_name":"16KG","qty":2,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":1400,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"payment_status":"unpaid","paid_ntd":0,"delivered_at":null,"delivery_id":null},"after":{"status":"delivered","lines":[{"product_id":3,"product_name":"16KG","qty":2,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":1400,"is_exchange":true,"empties_expected":2,"qty_delivered":2,"empties_returned":2,"residual_g":0}],"payment_status":"paid","paid_ntd":1400,"delivered_at":"2026-11-22T19:28:19+08:00","delivery_id":23},"reason":"沒有簽收：沒有人在，放門口"}');
INSERT INTO journal VALUES(85,1795346899380,5,'record','payment',2,'{"after":{"payment_number":"PAY-20261122-0002","customer_id":10,"method":"cash","amount_ntd":1400,"order_id":5,"stop_id":2,"received_by":5}}');
INSERT INTO journal VALUES(86,1795346899380,5,'complete','stop',2,'{"route":1,"drivers":[5],"version":1,"order":5,"before":{"status":"pending","finished_at":null,"no_proof":null,"cash_due_ntd":null,"cash_handed_ntd":null,"cash_ntd":null},"after":{"status":"completed","finished_at":"2026-11-22T19:28:19+08:00","no_proof":"沒有人在，放門口","cash_due_ntd":1400,"cash_handed_ntd":1400,"cash_ntd":1400}}');
INSERT INTO journal VALUES(87,1795346899389,5,'void','payment',2,'{"version":1,"before":{"status":"recorded"},"after":{"status":"voided"},"amount_ntd":1400,"reason":"復原"}');
INSERT INTO journal VALUES(88,1795346899389,5,'undo','order',5,'{"version":4,"before":{"status":"delivered","lines":[{"product_id":3,"product_name":"16KG","qty":2,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":1400,"is_exchange":true,"empties_expected":2,"qty_delivered":2,"empties_returned":2,"residual_g":0}],"payment_status":"paid","paid_ntd":1400,"delivered_at":"2026-11-22T19:28:19+08:00","delivery_id":23},"after":{"status":"in_delivery","lines":[{"product_id":3,"product_name":"16KG","qty":2,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":1400,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"payment_status":"unpaid","paid_ntd":0,"delivered_at":null,"delivery_id":null},"reason":"復原；按錯了"}');
INSERT INTO journal VALUES(89,1795346899389,5,'undo','stop',2,'{"route":1,"drivers":[5],"version":2,"order":5,"before":{"status":"completed","finished_at":"2026-11-22T19:28:19+08:00","no_proof":"沒有人在，放門口","cash_due_ntd":1400,"cash_handed_ntd":1400,"cash_ntd":1400},"after":{"status":"pending","finished_at":null,"no_proof":null,"cash_due_ntd":null,"cash_handed_ntd":null,"cash_ntd":null}}');
INSERT INTO journal VALUES(90,1795346899393,5,'fail','stop',2,'{"route":1,"drivers":[5],"version":3,"order":5,"before":{"status":"pending","finished_at":null,"failure_reason":null,"failure_note":null},"after":{"status":"failed","finished_at":"2026-11-22T19:28:19+08:00","failure_reason":"absent","failure_note":"打電話沒人接"}}');
INSERT INTO journal VALUES(91,1795346899393,5,'fail','order',5,'{"version":5,"before":{"status":"in_delivery","driver_id":5,"attempt_count":0},"after":{"status":"confirmed","driver_id":null,"attempt_count":1},"reason":"沒送成，客戶不在；打電話沒人接"}');
INSERT INTO journal VALUES(92,1795346899393,NULL,'tell','notice',1,'{"event":"stop_failed","user_id":null}');
INSERT INTO journal VALUES(93,1795346899397,5,'start','order',6,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":null}');
INSERT INTO journal VALUES(94,1795346899397,5,'arrive','stop',3,'{"route":1,"drivers":[5],"version":1,"order":6,"before":{"status":"pending","arrived_at":null},"after":{"status":"arrived","arrived_at":"2026-11-22T19:28:19+08:00"}}');
INSERT INTO journal VALUES(95,1795346899400,4,'take','order',14,'{"after":{"id":14,"order_number":"ORD-20261122-0014","customer_id":17,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"08:00","window_end":"23:30","delivery_address":"臺東市金穗路571號","contact_name":null,"contact_phone":"0900-000-017","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":2,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":1700,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":1700,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":1700,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(96,1795346899403,4,'take','order',15,'{"after":{"id":15,"order_number":"ORD-20261122-0015","customer_id":18,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"08:00","window_end":"23:30","delivery_address":"臺東市松嶺路7弄621號","contact_name":null,"contact_phone":"0900-000-325","is_urgent":false,"notes":null,"lines":[{"product_id":3,"product_name":"16KG","qty":1,"unit_price_ntd":700,"list_price_ntd":700,"discount_percent":0,"line_ntd":700,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":700,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":700,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(97,1795346899405,4,'take','order',16,'{"after":{"id":16,"order_number":"ORD-20261122-0016","customer_id":22,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"08:00","window_end":"23:30","delivery_address":"臺東市豐禾路三段265巷74號","contact_name":null,"contact_phone":"089-000005","is_urgent":false,"notes":null,"lines":[{"product_id":13,"product_name":"流量20公斤","qty":1,"unit_price_ntd":45,"list_price_ntd":45,"discount_percent":0,"line_ntd":0,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":0,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":0,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(98,1795346899408,4,'take','order',17,'{"after":{"id":17,"order_number":"ORD-20261122-0017","customer_id":19,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"08:00","window_end":"23:30","delivery_address":"臺東市建功街444號","contact_name":null,"contact_phone":"089-000329","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":850,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":850,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(99,1795346899411,4,'take','order',18,'{"after":{"id":18,"order_number":"ORD-20261122-0018","customer_id":20,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"08:00","window_end":"23:30","delivery_address":"臺東市鯉躍街543號","contact_name":null,"contact_phone":"0900-000-197","is_urgent":false,"notes":null,"lines":[{"product_id":4,"product_name":"10KG","qty":1,"unit_price_ntd":480,"list_price_ntd":480,"discount_percent":0,"line_ntd":480,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":480,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":480,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(100,1795346899413,4,'take','order',19,'{"after":{"id":19,"order_number":"ORD-20261122-0019","customer_id":21,"origin":"phone","status":"confirmed","scheduled_on":"2026-11-22","window_start":"08:00","window_end":"23:30","delivery_address":"臺東市雲瀑路一段325號","contact_name":null,"contact_phone":"0900-000-024","is_urgent":false,"notes":null,"lines":[{"product_id":2,"product_name":"20KG","qty":1,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":850,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":850,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":850,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(101,1795346899416,4,'make','route',3,'{"route":3,"drivers":[6],"after":{"id":3,"route_number":"R-20261122-02","route_on":"2026-11-22","area_id":null,"shift":"all_day","kind":"planned","status":"draft","driver_id":6,"crew2_id":null,"vehicle_id":2,"published_at":null,"started_at":null,"completed_at":null,"odometer_start_km":null,"odometer_end_km":null,"notes":"先送海線","override_note":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(102,1795346899418,4,'put','stop',6,'{"route":3,"drivers":[6],"order":14,"after":{"route_id":3,"seq":1}}');
INSERT INTO journal VALUES(103,1795346899418,4,'put','stop',7,'{"route":3,"drivers":[6],"order":15,"after":{"route_id":3,"seq":2}}');
INSERT INTO journal VALUES(104,1795346899418,4,'put','stop',8,'{"route":3,"drivers":[6],"order":16,"after":{"route_id":3,"seq":3}}');
INSERT INTO journal VALUES(105,1795346899418,4,'put','stop',9,'{"route":3,"drivers":[6],"order":17,"after":{"route_id":3,"seq":4}}');
INSERT INTO journal VALUES(106,1795346899418,4,'put','route',3,'{"route":3,"drivers":[6],"moves":[{"order":14,"from":null,"seq":null},{"order":15,"from":null,"seq":null},{"order":16,"from":null,"seq":null},{"order":17,"from":null,"seq":null}]}');
INSERT INTO journal VALUES(107,1795346899421,4,'order','route',3,'{"route":3,"drivers":[6],"before":{"stops":[6,7,8,9]},"after":{"stops":[9,7,8,6]}}');
INSERT INTO journal VALUES(108,1795346899424,4,'assign','order',17,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":6},"reason":"阿強"}');
INSERT INTO journal VALUES(109,1795346899424,4,'assign','order',15,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":6},"reason":"阿強"}');
INSERT INTO journal VALUES(110,1795346899424,4,'assign','order',16,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":6},"reason":"阿強"}');
INSERT INTO journal VALUES(111,1795346899424,4,'assign','order',14,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":6},"reason":"阿強"}');
INSERT INTO journal VALUES(112,1795346899424,4,'publish','route',3,'{"route":3,"drivers":[6],"version":1,"before":{"status":"draft","published_at":null},"after":{"status":"published","published_at":"2026-11-22T19:28:19+08:00"}}');
INSERT INTO journal VALUES(113,1795346899424,NULL,'tell','notice',2,'{"event":"route_published","user_id":6}');
INSERT INTO journal VALUES(114,1795346899429,4,'load','cylinder',NULL,'{"route":3,"vehicle":2,"loaded":{"C20":4,"C16":2}}');
INSERT INTO journal VALUES(115,1795346899434,4,'skip','stop',9,'{"route":3,"drivers":[6],"version":2,"order":17,"before":{"status":"pending","finished_at":null},"after":{"status":"skipped","finished_at":"2026-11-22T19:28:19+08:00"}}');
INSERT INTO journal VALUES(116,1795346899434,4,'unassign','order',17,'{"version":2,"before":{"status":"assigned","driver_id":6},"after":{"status":"confirmed","driver_id":null},"reason":null}');
INSERT INTO journal VALUES(117,1795346899434,4,'take_off','route',3,'{"route":3,"drivers":[6],"moves":[{"order":17,"stop":9,"from":3,"seq":1}]}');
INSERT INTO journal VALUES(118,1795346899434,NULL,'tell','notice',3,'{"event":"route_changed","user_id":6}');
INSERT INTO journal VALUES(119,1795346899437,2,'start','order',15,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":"代司機：阿強的手機沒電"}');
INSERT INTO journal VALUES(120,1795346899437,2,'start','order',16,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":"代司機：阿強的手機沒電"}');
INSERT INTO journal VALUES(121,1795346899437,2,'start','order',14,'{"version":2,"before":{"status":"assigned"},"after":{"status":"in_delivery"},"reason":"代司機：阿強的手機沒電"}');
INSERT INTO journal VALUES(122,1795346899437,2,'start','route',3,'{"route":3,"drivers":[6],"version":2,"before":{"status":"published","started_at":null},"after":{"status":"in_progress","started_at":"2026-11-22T19:28:19+08:00"},"reason":"代司機：阿強的手機沒電"}');
INSERT INTO journal VALUES(123,1795346899441,2,'deliver','order',14,'{"version":3,"before":{"status":"in_delivery","lines":[{"product_id":2,"product_name":"20KG","qty":2,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":1700,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"payment_status":"unpaid","paid_ntd":0,"delivered_at":null,"delivery_id":null},"after":{"status":"delivered","lines":[{"product_id":2,"product_name":"20KG","qty":2,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":1700,"is_exchange":true,"empties_expected":2,"qty_delivered":2,"empties_returned":2,"residual_g":0}],"payment_status":"paid","paid_ntd":1700,"delivered_at":"2026-11-22T19:28:19+08:00","delivery_id":23},"reason":"收的人：本人；代司機：替阿強登"}');
INSERT INTO journal VALUES(124,1795346899441,2,'record','payment',3,'{"after":{"payment_number":"PAY-20261122-0003","customer_id":17,"method":"cash","amount_ntd":1700,"order_id":14,"stop_id":6,"received_by":6}}');
INSERT INTO journal VALUES(125,1795346899441,2,'complete','stop',6,'{"route":3,"drivers":[6],"version":2,"order":14,"before":{"status":"pending","finished_at":null,"recipient":null,"note":null,"cash_due_ntd":null,"cash_handed_ntd":null,"cash_ntd":null},"after":{"status":"completed","finished_at":"2026-11-22T19:28:19+08:00","recipient":"本人","note":"替阿強登","cash_due_ntd":1700,"cash_handed_ntd":2000,"cash_ntd":1700}}');
INSERT INTO journal VALUES(126,1795346899450,2,'fail','stop',7,'{"route":3,"drivers":[6],"version":1,"order":15,"before":{"status":"pending","finished_at":null,"failure_reason":null,"failure_note":null},"after":{"status":"failed","finished_at":"2026-11-22T19:28:19+08:00","failure_reason":"wrong_address","failure_note":"替阿強登，路名不對"}}');
INSERT INTO journal VALUES(127,1795346899450,2,'fail','order',15,'{"version":3,"before":{"status":"in_delivery","driver_id":6,"attempt_count":0},"after":{"status":"confirmed","driver_id":null,"attempt_count":1},"reason":"沒送成，地址錯誤；代司機：替阿強登，路名不對"}');
INSERT INTO journal VALUES(128,1795346899450,NULL,'tell','notice',4,'{"event":"stop_failed","user_id":null}');
INSERT INTO journal VALUES(129,1795346899453,2,'read','meter',1,'{"after":{"id":3,"meter_id":1,"read_on":"2026-11-22","value_milli":118000,"from_milli":112250,"old_end_milli":null,"billed_g":12075,"unit_price_ntd":45,"amount_ntd":543,"order_id":16,"stop_id":8,"user_id":2,"at":"2026-11-22T19:28:19+08:00","voided_at":null}}');
INSERT INTO journal VALUES(130,1795346899453,2,'deliver','order',16,'{"version":3,"before":{"status":"in_delivery","lines":[{"product_id":13,"product_name":"流量20公斤","qty":1,"unit_price_ntd":45,"list_price_ntd":45,"discount_percent":0,"line_ntd":0,"is_exchange":true,"empties_expected":1,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":0,"final_ntd":0,"delivered_at":null,"delivery_id":null},"after":{"status":"delivered","lines":[{"product_id":13,"product_name":"流量20公斤","qty":1,"unit_price_ntd":45,"list_price_ntd":45,"discount_percent":0,"line_ntd":543,"is_exchange":true,"empties_expected":1,"qty_delivered":1,"empties_returned":1,"residual_g":0}],"subtotal_ntd":543,"final_ntd":543,"delivered_at":"2026-11-22T19:28:19+08:00","delivery_id":24},"reason":"收的人：店長；代司機：替阿強登"}');
INSERT INTO journal VALUES(131,1795346899453,2,'complete','stop',8,'{"route":3,"drivers":[6],"version":1,"order":16,"before":{"status":"pending","finished_at":null,"recipient":null,"note":null,"cash_due_ntd":null,"cash_handed_ntd":null,"cash_ntd":null},"after":{"status":"completed","finished_at":"2026-11-22T19:28:19+08:00","recipient":"店長","note":"替阿強登","cash_due_ntd":543,"cash_handed_ntd":0,"cash_ntd":0}}');
INSERT INTO journal VALUES(132,1795346899453,2,'complete','route',3,'{"route":3,"drivers":[6],"version":3,"before":{"status":"in_progress","completed_at":null},"after":{"status":"completed","completed_at":"2026-11-22T19:28:19+08:00"}}');
INSERT INTO journal VALUES(133,1795346899463,4,'unload','cylinder',NULL,'{"route":3,"vehicle":2,"counted":{"C50":{"full":0,"empty":0},"C20":{"full":2,"empty":2},"C16":{"full":2,"empty":0},"C10":{"full":0,"empty":0},"C04":{"full":0,"empty":0},"C20-YING":{"full":0,"empty":0},"C16-LUCKY":{"full":0,"empty":0},"C10-SAFE":{"full":0,"empty":0},"C04-PILL":{"full":0,"empty":0},"F50":{"full":0,"empty":0},"F20":{"full":0,"empty":0},"F16-LUCKY":{"full":0,"empty":0}},"differences":["流量20公斤 滿桶多 1","流量20公斤 空桶少 1"],"note":"少一支要查"}');
INSERT INTO journal VALUES(134,1795346899465,4,'make','route',4,'{"route":4,"drivers":[],"after":{"id":4,"route_number":"R-20261122-03","route_on":"2026-11-22","area_id":1,"shift":"all_day","kind":"planned","status":"draft","driver_id":null,"crew2_id":null,"vehicle_id":null,"published_at":null,"started_at":null,"completed_at":null,"odometer_start_km":null,"odometer_end_km":null,"notes":null,"override_note":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(135,1795346899468,4,'put','stop',10,'{"route":4,"drivers":[],"order":18,"after":{"route_id":4,"seq":1}}');
INSERT INTO journal VALUES(136,1795346899468,4,'put','route',4,'{"route":4,"drivers":[],"moves":[{"order":18,"from":null,"seq":null}]}');
INSERT INTO journal VALUES(137,1795346899470,4,'make','route',5,'{"route":5,"drivers":[5],"after":{"id":5,"route_number":"R-20261124-01","route_on":"2026-11-24","area_id":null,"shift":"morning","kind":"planned","status":"draft","driver_id":5,"crew2_id":null,"vehicle_id":3,"published_at":null,"started_at":null,"completed_at":null,"odometer_start_km":null,"odometer_end_km":null,"notes":null,"override_note":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(138,1795346899472,4,'cancel','route',5,'{"route":5,"drivers":[5],"version":1,"before":{"status":"draft"},"after":{"status":"cancelled"}}');
INSERT INTO journal VALUES(139,1795346899474,4,'take','order',20,'{"after":{"id":20,"order_number":"ORD-20261122-0020","customer_id":4,"origin":"emergency","status":"confirmed","scheduled_on":"2026-11-22","window_start":"19:28","window_end":"19:58","delivery_address":"臺東縣範例市中正路1號","contact_name":null,"contact_phone":"0900-000-214","is_urgent":true,"notes":"廚房有瓦斯味，已關總開關","lines":[],"subtotal_ntd":0,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":0,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(140,1795346899474,4,'create','emergency',1,'{"version":null,"drivers":[],"before":{},"after":{"description":"廚房有瓦斯味，已關總開關","driver_id":null,"assigned_at":null,"answered_at":null,"arrived_at":null,"closed_at":null,"alarms":1,"seen_at":null}}');
INSERT INTO journal VALUES(141,1795346899474,NULL,'tell','notice',5,'{"event":"emergency","user_id":null}');
INSERT INTO journal VALUES(142,1795346899478,4,'assign','emergency',1,'{"version":1,"drivers":[5],"before":{"assigned_at":null,"driver_id":null},"after":{"assigned_at":"2026-11-22T19:28:19+08:00","driver_id":5},"driver":"阿明"}');
INSERT INTO journal VALUES(143,1795346899478,4,'put','stop',11,'{"route":1,"drivers":[5],"order":20,"after":{"route_id":1,"seq":4}}');
INSERT INTO journal VALUES(144,1795346899478,4,'assign','order',20,'{"version":1,"before":{"status":"confirmed","driver_id":null},"after":{"status":"assigned","driver_id":5},"reason":"阿明"}');
INSERT INTO journal VALUES(145,1795346899478,NULL,'tell','notice',6,'{"event":"route_changed","user_id":5}');
INSERT INTO journal VALUES(146,1795346899478,4,'put','route',1,'{"route":1,"drivers":[5],"moves":[{"order":20,"from":null,"seq":null}]}');
INSERT INTO journal VALUES(147,1795346899478,4,'send','emergency',1,'{"version":2,"drivers":[5],"before":{},"after":{},"how":"next"}');
INSERT INTO journal VALUES(148,1795346899478,NULL,'tell','notice',7,'{"event":"emergency","user_id":5}');
INSERT INTO journal VALUES(149,1795346899481,5,'answer','emergency',1,'{"version":2,"drivers":[5],"before":{"answered_at":null},"after":{"answered_at":"2026-11-22T19:28:19+08:00"}}');
INSERT INTO journal VALUES(150,1795346899482,4,'see','emergency',1,'{"version":3,"drivers":[5],"before":{"seen_at":null},"after":{"seen_at":"2026-11-22T19:28:19+08:00"}}');
INSERT INTO journal VALUES(151,1795346899484,4,'close','emergency',1,'{"version":4,"drivers":[5],"before":{"closed_at":null},"after":{"closed_at":"2026-11-22T19:28:19+08:00"},"note":"接頭換了，測過不漏"}');
INSERT INTO journal VALUES(152,1795346899484,NULL,'tell','notice',8,'{"event":"emergency","user_id":5}');
INSERT INTO journal VALUES(153,1795346899487,4,'take','order',21,'{"after":{"id":21,"order_number":"ORD-20261122-0021","customer_id":1,"origin":"emergency","status":"confirmed","scheduled_on":"2026-11-22","window_start":"19:28","window_end":"21:28","delivery_address":"範例市急件路6號","contact_name":"路人甲","contact_phone":"0900-000-666","is_urgent":true,"notes":"辦桌，瓦斯斷了","lines":[{"product_id":2,"product_name":"20KG","qty":2,"unit_price_ntd":850,"list_price_ntd":850,"discount_percent":0,"line_ntd":1700,"is_exchange":true,"empties_expected":2,"qty_delivered":null,"empties_returned":null,"residual_g":null}],"subtotal_ntd":1700,"discount_ntd":0,"surcharge_ntd":0,"surcharge_label":null,"residual_credit_ntd":0,"final_ntd":1700,"payment_method":"cash","payment_status":"unpaid","paid_ntd":0,"driver_id":null,"attempt_count":0,"cancel_reason":null,"cancel_note":null,"delivered_at":null,"delivery_id":null,"copied_from":null,"template_id":null,"order_import_id":null,"created_by":4,"created_at":"2026-11-22T19:28:19+08:00","updated_at":"2026-11-22T19:28:19+08:00","version":1}}');
INSERT INTO journal VALUES(154,1795346899487,4,'create','emergency',2,'{"version":null,"drivers":[],"before":{},"after":{"description":"辦桌，瓦斯斷了","driver_id":null,"assigned_at":null,"answered_at":null,"arrived_at":null,"closed_at":null,"alarms":1,"seen_at":null}}');
INSERT INTO journal VALUES(155,1795346899487,NULL,'tell','notice',9,'{"event":"emergency","user_id":null}');
INSERT INTO journal VALUES(156,1795346900492,4,'keep','order_filter',1,'{"after":{"name":"今天現金","query":""}}');
CREATE TABLE recorded_names (
    id         INTEGER PRIMARY KEY,
    title      TEXT,
    short_name TEXT,
    address    TEXT
) STRICT;
INSERT INTO recorded_names VALUES(1,'範例餐飲有限公司','￡範例小吃店','台東縣範例市中正路1號');
INSERT INTO recorded_names VALUES(2,'範例國小','範例國小',NULL);
INSERT INTO recorded_names VALUES(3,'木瓜冰店',NULL,'臺東縣範例市中正路1號');
INSERT INTO recorded_names VALUES(4,NULL,'陳小姐','範例市後街9號');
INSERT INTO recorded_names VALUES(5,'現金零售','現金零售',NULL);
CREATE TABLE sessions (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    device     TEXT    NOT NULL,               -- 電腦 or 手機, for the users page
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sessions VALUES(X'09313979a17113ed0d2d43014459391a0354cfe826800b7ce60cb84d435cc502',4,'電腦',1795346898999,1795390098999);
INSERT INTO sessions VALUES(X'15d651244432fa9f910e901637bf6f5c62c07ac4ab4657df213475e2e91629fd',1,'電腦',1795335552320,1795378752320);
INSERT INTO sessions VALUES(X'24f95a9e08c03f693d92f37e9d57cfe2ec65071f072eada6818c977aad3a414f',2,'電腦',1795326959121,1795370159121);
INSERT INTO sessions VALUES(X'33ee21dd73a22fed0a898c6a51e963270da93cf63905d4caf39aaf778773ad5e',4,'電腦',1795326958704,1795370158704);
INSERT INTO sessions VALUES(X'35cc049f0370ee691f5532b13014d1d13b778555ac6c5aeea1ae9909d46cee1f',1,'電腦',1795346898784,1795390098784);
INSERT INTO sessions VALUES(X'46b63ebab12772533e504a4cd98dc6cc20a43881ab9dba61d3a585e877d45762',5,'電腦',1795346899106,1797938899106);
INSERT INTO sessions VALUES(X'4b5510869a4d04a8d5cadcd8e38aee80eaab37d5756837cffafb0b096215e634',5,'電腦',1795335552696,1797927552696);
INSERT INTO sessions VALUES(X'4ed5e4a600e154c9fda5623bf2042607c382d1bf00284e29cdeb58cd7ccdcaa3',4,'電腦',1795335552565,1795378752565);
INSERT INTO sessions VALUES(X'67b33cf82615b04d183d072f1eacd3a4354e8a53cf560404394cc91a7aaea43c',2,'電腦',1795335552442,1795378752442);
INSERT INTO sessions VALUES(X'a865bd3760fe4aa56ca4c8098a1556060a2a0e0a31d7ad42a68c811c5d975e82',2,'電腦',1795346898891,1795390098891);
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO settings VALUES('shop_name','範例煤氣行');
INSERT INTO settings VALUES('usable_fraction','0.8');
CREATE TABLE sign_in_tries (
    username        TEXT    NOT NULL PRIMARY KEY COLLATE NOCASE,
    failed          INTEGER NOT NULL CHECK (0 <= failed),
    last_failed_at  INTEGER NOT NULL,
    locked_until_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE usage_areas (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    seq         INTEGER NOT NULL CHECK (seq BETWEEN 1 AND 5),
    raw_text    TEXT    NOT NULL,
    PRIMARY KEY (customer_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_areas VALUES(2,1,'20KG:3');
INSERT INTO usage_areas VALUES(2,2,'煎台16*1');
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
INSERT INTO users VALUES(1,'boss','老闆','admin','$2b$11$eHLAwCWGytdhYNtXmCGtFu8.5NK6GlMwmac5HNmepwdKVKbGeAYDK',0,'medium',1,1795346898784,1795326956256,1795326956256,1);
INSERT INTO users VALUES(2,'lin','林經理','manager','$2b$11$beXKuCOkUYAp2iG9HFtWt.XdzOn0CP3RLIOyhLREWxfdKJ0bkIGdi',0,'large',1,1795346899453,1795326956605,1795326959381,2);
INSERT INTO users VALUES(3,'chen','陳會計','accountant','$2b$11$rCX7dcSTfYrrX/HHrXQdDuJZINhqJBaL.DfLCFLWUXHmOyQpZguYq',0,'medium',0,NULL,1795326956813,1795326959395,2);
INSERT INTO users VALUES(4,'xiaohui','小惠','office_staff','$2b$11$VdepmaGlAdYkwwancu8giOG8aWCAkMbrF1OIXNMrWd7daNlbVzugi',0,'medium',1,1795346900497,1795326957069,1795326957069,1);
INSERT INTO users VALUES(5,'aming','阿明','driver','$2b$11$hXkY16HEYQAC.hrOSdctsOcP9bmrmiEqZwpJnbW5FY39Vn0eUPfxi',0,'medium',1,1795346899481,1795326957354,1795326957354,1);
INSERT INTO users VALUES(6,'aqiang','阿強','driver','$2b$11$JSPp7Wb3yIXHUz5jTvVzI.g0OJbgEWWevMwat36UtV3e.fRo4q1Va',1,'medium',1,NULL,1795346899213,1795346899213,1);
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
INSERT INTO visits VALUES(1,9,'2025-05-30','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(2,10,'2025-05-31','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(3,11,'2025-06-01','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(4,12,'2025-06-02','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(5,13,'2025-06-03','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(6,14,'2025-06-04','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(7,15,'2025-05-30','planned','16*1',NULL,'plan',4);
INSERT INTO visits VALUES(8,16,'2025-05-31','planned','16*1',NULL,'plan',4);
INSERT INTO visits VALUES(9,17,'2025-06-01','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(10,18,'2025-06-02','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(11,19,'2025-06-03','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(12,20,'2025-06-04','planned','16*1',NULL,'plan',4);
INSERT INTO visits VALUES(13,21,'2025-05-31','planned','20*2',NULL,'plan',4);
INSERT INTO visits VALUES(14,22,'2025-06-01','planned','16*1',NULL,'plan',4);
INSERT INTO visits VALUES(15,23,'2025-06-02','planned','20*1',NULL,'plan',4);
INSERT INTO visits VALUES(16,24,'2025-06-03','planned','20*1',NULL,'plan',4);
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
INSERT INTO products VALUES(1,'C50','50KG','cylinder','regular',50,3000,25000,1,10,1,10,1);
INSERT INTO products VALUES(2,'C20','20KG','cylinder','regular',20,1500,10000,1,10,1,20,1);
INSERT INTO products VALUES(3,'C16','16KG','cylinder','regular',16,1200,8000,1,10,1,30,1);
INSERT INTO products VALUES(4,'C10','10KG','cylinder','regular',10,1000,5000,1,10,1,40,1);
INSERT INTO products VALUES(5,'C04','4KG','cylinder','regular',4,800,2000,1,10,1,50,1);
INSERT INTO products VALUES(6,'C20-YING','營20','cylinder','commercial',20,1500,10000,1,10,1,60,1);
INSERT INTO products VALUES(7,'C16-YING','營16','cylinder','commercial',16,1200,8000,1,10,0,70,1);
INSERT INTO products VALUES(8,'C16-LUCKY','好運16','cylinder','lucky',16,1200,8000,1,10,1,80,1);
INSERT INTO products VALUES(9,'C20-LUCKY','好運20','cylinder','lucky',20,1500,10000,1,10,0,90,1);
INSERT INTO products VALUES(10,'C10-SAFE','瓶安桶10','cylinder','safety',10,1000,5000,1,10,1,100,1);
INSERT INTO products VALUES(11,'C04-PILL','幸福丸','cylinder','happiness',4,800,2000,1,10,1,110,1);
INSERT INTO products VALUES(12,'F50','流量50公斤','flow','regular',50,3000,25000,1,10,1,120,1);
INSERT INTO products VALUES(13,'F20','流量20公斤','flow','regular',20,1500,10000,1,10,1,130,1);
INSERT INTO products VALUES(14,'F16','流量16公斤','flow','regular',16,1200,8000,1,10,0,140,1);
INSERT INTO products VALUES(15,'F20-LUCKY','流量好運20公斤','flow','lucky',20,1500,10000,1,10,0,150,1);
INSERT INTO products VALUES(16,'F16-LUCKY','流量好運16公斤','flow','lucky',16,1200,8000,1,10,1,160,1);
CREATE TABLE product_prices (
    product_id     INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    valid_from     TEXT    NOT NULL,               -- YYYY-MM-DD, Taiwan
    unit_price_ntd INTEGER NOT NULL CHECK (unit_price_ntd BETWEEN 0 AND 9999999), -- a cylinder; of metered gas, a kilogram
    PRIMARY KEY (product_id, valid_from)
) STRICT, WITHOUT ROWID;
INSERT INTO product_prices VALUES(1,'2026-11-22',2000);
INSERT INTO product_prices VALUES(2,'2026-11-22',850);
INSERT INTO product_prices VALUES(3,'2026-11-22',700);
INSERT INTO product_prices VALUES(4,'2026-11-22',480);
INSERT INTO product_prices VALUES(5,'2026-11-22',250);
INSERT INTO product_prices VALUES(8,'2026-11-22',720);
INSERT INTO product_prices VALUES(13,'2026-11-22',45);
CREATE TABLE customer_prices (
    customer_id    INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    product_id     INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    valid_from     TEXT    NOT NULL,
    unit_price_ntd INTEGER CHECK (unit_price_ntd BETWEEN 0 AND 9999999),
    PRIMARY KEY (customer_id, product_id, valid_from)
) STRICT, WITHOUT ROWID;
INSERT INTO customer_prices VALUES(2,2,'2026-11-22',820);
CREATE TABLE holidays (
    holiday_on TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40)
) STRICT, WITHOUT ROWID;
INSERT INTO holidays VALUES('2025-01-01','中華民國開國紀念日');
INSERT INTO holidays VALUES('2025-01-27','放假日（2025-02-08 補班）');
INSERT INTO holidays VALUES('2025-01-28','農曆除夕');
INSERT INTO holidays VALUES('2025-01-29','春節');
INSERT INTO holidays VALUES('2025-01-30','春節');
INSERT INTO holidays VALUES('2025-01-31','春節');
INSERT INTO holidays VALUES('2025-02-28','和平紀念日');
INSERT INTO holidays VALUES('2025-04-03','兒童節（補假）');
INSERT INTO holidays VALUES('2025-04-04','兒童節; 民族掃墓節');
INSERT INTO holidays VALUES('2025-05-30','端午節（補假）');
INSERT INTO holidays VALUES('2025-09-29','孔子誕辰紀念日（補假）');
INSERT INTO holidays VALUES('2025-10-06','中秋節');
INSERT INTO holidays VALUES('2025-10-10','國慶日');
INSERT INTO holidays VALUES('2025-10-24','臺灣光復暨金門古寧頭大捷紀念日（補假）');
INSERT INTO holidays VALUES('2025-12-25','行憲紀念日');
INSERT INTO holidays VALUES('2026-01-01','中華民國開國紀念日');
INSERT INTO holidays VALUES('2026-02-16','農曆除夕');
INSERT INTO holidays VALUES('2026-02-17','春節');
INSERT INTO holidays VALUES('2026-02-18','春節');
INSERT INTO holidays VALUES('2026-02-19','春節');
INSERT INTO holidays VALUES('2026-02-20','農曆除夕（補假）');
INSERT INTO holidays VALUES('2026-02-27','和平紀念日（補假）');
INSERT INTO holidays VALUES('2026-04-03','兒童節（補假）');
INSERT INTO holidays VALUES('2026-04-06','民族掃墓節（補假）');
INSERT INTO holidays VALUES('2026-05-01','勞動節');
INSERT INTO holidays VALUES('2026-06-19','端午節');
INSERT INTO holidays VALUES('2026-09-25','中秋節');
INSERT INTO holidays VALUES('2026-09-28','孔子誕辰紀念日');
INSERT INTO holidays VALUES('2026-10-09','國慶日（補假）');
INSERT INTO holidays VALUES('2026-10-26','臺灣光復暨金門古寧頭大捷紀念日（補假）');
INSERT INTO holidays VALUES('2026-12-25','行憲紀念日');
INSERT INTO holidays VALUES('2027-01-01','中華民國開國紀念日');
INSERT INTO holidays VALUES('2027-02-04','農曆除夕');
INSERT INTO holidays VALUES('2027-02-05','農曆除夕');
INSERT INTO holidays VALUES('2027-02-08','春節');
INSERT INTO holidays VALUES('2027-02-09','春節（補假）');
INSERT INTO holidays VALUES('2027-02-10','春節（補假）');
INSERT INTO holidays VALUES('2027-03-01','和平紀念日（補假）');
INSERT INTO holidays VALUES('2027-04-05','民族掃墓節');
INSERT INTO holidays VALUES('2027-04-06','兒童節（補假）');
INSERT INTO holidays VALUES('2027-04-30','勞動節（補假）');
INSERT INTO holidays VALUES('2027-06-09','端午節');
INSERT INTO holidays VALUES('2027-09-15','中秋節');
INSERT INTO holidays VALUES('2027-09-28','孔子誕辰紀念日');
INSERT INTO holidays VALUES('2027-10-11','國慶日（補假）');
INSERT INTO holidays VALUES('2027-10-25','臺灣光復暨金門古寧頭大捷紀念日');
INSERT INTO holidays VALUES('2027-12-24','行憲紀念日（補假）');
INSERT INTO holidays VALUES('2027-12-31','中華民國開國紀念日（補假）');
CREATE TABLE order_imports (
    id            INTEGER PRIMARY KEY,
    applied_at    INTEGER NOT NULL,
    user_id       INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    file          TEXT    NOT NULL,
    report        TEXT    NOT NULL CHECK (json_valid(report)),
    taken_back_at INTEGER
) STRICT;
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
INSERT INTO order_templates VALUES(1,'6100001_TPL_001',2,'每週 20KG',NULL,'monthly',0,'weekly',1,0,1,'2026-11-23',NULL,0,NULL,1,NULL,1,1795335594488,1795335594488,1);
CREATE TABLE order_template_lines (
    template_id INTEGER NOT NULL REFERENCES order_templates (id) ON DELETE RESTRICT,
    line_no     INTEGER NOT NULL CHECK (line_no BETWEEN 1 AND 20),
    product_id  INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    qty         INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 100),
    PRIMARY KEY (template_id, line_no)
) STRICT, WITHOUT ROWID;
INSERT INTO order_template_lines VALUES(1,1,2,2);
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
INSERT INTO orders VALUES(1,'2026-11-22',1,2,'phone','delivered','2026-11-22','09:00','20:00','臺東縣範例市中正路1號','王小姐','0900-000-213',0,NULL,2340,0,0,NULL,62,2278,'monthly','unpaid',0,5,0,NULL,NULL,1795335594471,20,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594417,1795335594471,4);
INSERT INTO orders VALUES(2,'2026-11-22',2,4,'phone','delivered','2026-11-22','09:00','20:00','臺東縣範例市中正路1號',NULL,'0900-000-214',0,NULL,720,0,0,NULL,0,720,'cash','unpaid',0,5,0,NULL,NULL,1795335594475,21,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594420,1795335594475,4);
INSERT INTO orders VALUES(3,'2026-11-22',3,8,'phone','confirmed','2026-11-22','09:00','20:00','範例市新街1號',NULL,'0900-000-215',0,NULL,850,0,0,NULL,0,850,'cash','unpaid',0,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594423,1795335594479,4);
INSERT INTO orders VALUES(4,'2026-11-22',4,9,'phone','delivered','2026-11-22','09:00','20:00','臺東縣東河鄉溪谷村紅楓街519號',NULL,'089-000780',0,NULL,850,0,0,NULL,85,765,'cash','paid',765,5,0,NULL,NULL,1795346899370,22,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594426,1795346899370,4);
INSERT INTO orders VALUES(5,'2026-11-22',5,10,'phone','confirmed','2026-11-22','09:00','20:00','臺東市日昇路二段266巷594號',NULL,'0900-000-534',0,NULL,1400,0,0,NULL,0,1400,'cash','unpaid',0,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594431,1795346899393,6);
INSERT INTO orders VALUES(6,'2026-11-22',6,11,'phone','in_delivery','2026-11-22','09:00','20:00','臺東市鯉躍街336號之3',NULL,'0900-000-129',0,NULL,2000,0,0,NULL,0,2000,'cash','unpaid',0,5,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594433,1795346899397,3);
INSERT INTO orders VALUES(7,'2026-11-22',7,12,'phone','assigned','2026-11-22','09:00','20:00','臺東縣大武鄉和風村觀濤路二段568號',NULL,'089-000951',0,NULL,2550,0,0,NULL,0,2550,'cash','unpaid',0,5,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594436,1795335594459,2);
INSERT INTO orders VALUES(8,'2026-11-22',8,13,'phone','confirmed','2026-11-23','09:00','20:00','臺東市豐禾路一段513號',NULL,'0900-000-720',0,NULL,500,0,0,NULL,0,500,'cash','unpaid',0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594438,1795335594438,1);
INSERT INTO orders VALUES(9,'2026-11-22',9,14,'phone','assigned','2026-11-23','09:00','20:00','臺東市金穗路2巷44號之2',NULL,'0900-000-599',0,NULL,480,0,0,NULL,0,480,'cash','unpaid',0,5,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594441,1795335594482,2);
INSERT INTO orders VALUES(10,'2026-11-22',10,15,'phone','cancelled','2026-11-24','09:00','20:00','台東市豐禾路356巷455號',NULL,'0900-000-253',0,NULL,850,0,0,NULL,0,850,'cash','unpaid',0,NULL,0,'customer_request',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594444,1795335594484,2);
INSERT INTO orders VALUES(11,'2026-11-22',11,1,'walk_in','confirmed','2026-11-22','09:00','20:00','範例市樣本路5號','路過的人','0900-000-777',0,NULL,850,0,0,NULL,0,850,'cash','unpaid',0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594485,1795335594485,1);
INSERT INTO orders VALUES(12,'2026-11-22',12,16,'phone','pending','2026-11-23','09:00','20:00','臺東市許厝路二段678號',NULL,'0900-000-845',0,NULL,850,0,0,NULL,0,850,'cash','unpaid',0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594487,1795335594487,1);
INSERT INTO orders VALUES(13,'2026-11-22',13,4,'planned','confirmed','2026-11-23','08:00','20:00','臺東縣範例市中正路1號',NULL,'0900-000-214',0,NULL,720,0,0,NULL,0,720,'cash','unpaid',0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795335594491,1795335594491,1);
INSERT INTO orders VALUES(14,'2026-11-22',14,17,'phone','delivered','2026-11-22','08:00','23:30','臺東市金穗路571號',NULL,'0900-000-017',0,NULL,1700,0,0,NULL,0,1700,'cash','paid',1700,6,0,NULL,NULL,1795346899441,23,NULL,NULL,'fixture-0007',NULL,NULL,NULL,4,1795346899400,1795346899441,4);
INSERT INTO orders VALUES(15,'2026-11-22',15,18,'phone','confirmed','2026-11-22','08:00','23:30','臺東市松嶺路7弄621號',NULL,'0900-000-325',0,NULL,700,0,0,NULL,0,700,'cash','unpaid',0,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,'fixture-0008',NULL,NULL,NULL,4,1795346899403,1795346899450,4);
INSERT INTO orders VALUES(16,'2026-11-22',16,22,'phone','delivered','2026-11-22','08:00','23:30','臺東市豐禾路三段265巷74號',NULL,'089-000005',0,NULL,543,0,0,NULL,0,543,'cash','unpaid',0,6,0,NULL,NULL,1795346899453,24,NULL,NULL,'fixture-0009',NULL,NULL,NULL,4,1795346899405,1795346899453,4);
INSERT INTO orders VALUES(17,'2026-11-22',17,19,'phone','confirmed','2026-11-22','08:00','23:30','臺東市建功街444號',NULL,'089-000329',0,NULL,850,0,0,NULL,0,850,'cash','unpaid',0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'fixture-0010',NULL,NULL,NULL,4,1795346899408,1795346899434,3);
INSERT INTO orders VALUES(18,'2026-11-22',18,20,'phone','confirmed','2026-11-22','08:00','23:30','臺東市鯉躍街543號',NULL,'0900-000-197',0,NULL,480,0,0,NULL,0,480,'cash','unpaid',0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'fixture-0011',NULL,NULL,NULL,4,1795346899411,1795346899411,1);
INSERT INTO orders VALUES(19,'2026-11-22',19,21,'phone','confirmed','2026-11-22','08:00','23:30','臺東市雲瀑路一段325號',NULL,'0900-000-024',0,NULL,850,0,0,NULL,0,850,'cash','unpaid',0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'fixture-0012',NULL,NULL,NULL,4,1795346899413,1795346899413,1);
INSERT INTO orders VALUES(20,'2026-11-22',20,4,'emergency','assigned','2026-11-22','19:28','19:58','臺東縣範例市中正路1號',NULL,'0900-000-214',1,'廚房有瓦斯味，已關總開關',0,0,0,NULL,0,0,'cash','unpaid',0,5,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795346899474,1795346899478,2);
INSERT INTO orders VALUES(21,'2026-11-22',21,1,'emergency','confirmed','2026-11-22','19:28','21:28','範例市急件路6號','路人甲','0900-000-666',1,'辦桌，瓦斯斷了',1700,0,0,NULL,0,1700,'cash','unpaid',0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795346899487,1795346899487,1);
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
INSERT INTO order_lines VALUES(1,1,2,'20KG',2,820,820,0,1640,1,2,2,2,1500);
INSERT INTO order_lines VALUES(1,2,3,'16KG',1,700,700,0,700,1,1,1,1,0);
INSERT INTO order_lines VALUES(2,1,8,'好運16',1,720,720,0,720,1,1,1,0,0);
INSERT INTO order_lines VALUES(3,1,2,'20KG',1,850,850,0,850,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(4,1,2,'20KG',1,850,850,0,850,1,1,1,1,2000);
INSERT INTO order_lines VALUES(5,1,3,'16KG',2,700,700,0,1400,1,2,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(6,1,1,'50KG',1,2000,2000,0,2000,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(7,1,2,'20KG',3,850,850,0,2550,1,3,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(8,1,5,'4KG',2,250,250,0,500,1,2,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(9,1,4,'10KG',1,480,480,0,480,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(10,1,2,'20KG',1,850,850,0,850,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(11,1,2,'20KG',1,850,850,0,850,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(12,1,2,'20KG',1,850,850,0,850,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(13,1,8,'好運16',1,720,720,0,720,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(14,1,2,'20KG',2,850,850,0,1700,1,2,2,2,0);
INSERT INTO order_lines VALUES(15,1,3,'16KG',1,700,700,0,700,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(16,1,13,'流量20公斤',1,45,45,0,543,1,1,1,1,0);
INSERT INTO order_lines VALUES(17,1,2,'20KG',1,850,850,0,850,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(18,1,4,'10KG',1,480,480,0,480,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(19,1,2,'20KG',1,850,850,0,850,1,1,NULL,NULL,NULL);
INSERT INTO order_lines VALUES(21,1,2,'20KG',2,850,850,0,1700,1,2,NULL,NULL,NULL);
CREATE TABLE order_history (
    id          INTEGER PRIMARY KEY,
    order_id    INTEGER NOT NULL REFERENCES orders (id) ON DELETE RESTRICT,
    from_status TEXT,                               -- NULL: it was taken
    to_status   TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    user_id     INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    reason      TEXT
) STRICT;
INSERT INTO order_history VALUES(1,1,NULL,'confirmed',1795335594417,4,NULL);
INSERT INTO order_history VALUES(2,2,NULL,'confirmed',1795335594420,4,NULL);
INSERT INTO order_history VALUES(3,3,NULL,'confirmed',1795335594423,4,NULL);
INSERT INTO order_history VALUES(4,4,NULL,'confirmed',1795335594426,4,NULL);
INSERT INTO order_history VALUES(5,5,NULL,'confirmed',1795335594431,4,NULL);
INSERT INTO order_history VALUES(6,6,NULL,'confirmed',1795335594433,4,NULL);
INSERT INTO order_history VALUES(7,7,NULL,'confirmed',1795335594436,4,NULL);
INSERT INTO order_history VALUES(8,8,NULL,'confirmed',1795335594438,4,NULL);
INSERT INTO order_history VALUES(9,9,NULL,'confirmed',1795335594441,4,NULL);
INSERT INTO order_history VALUES(10,10,NULL,'confirmed',1795335594444,4,NULL);
INSERT INTO order_history VALUES(11,1,'confirmed','assigned',1795335594446,4,'阿明');
INSERT INTO order_history VALUES(12,2,'confirmed','assigned',1795335594448,4,'阿明');
INSERT INTO order_history VALUES(13,3,'confirmed','assigned',1795335594451,4,'阿明');
INSERT INTO order_history VALUES(14,4,'confirmed','assigned',1795335594454,4,'阿明');
INSERT INTO order_history VALUES(15,5,'confirmed','assigned',1795335594456,4,'阿明');
INSERT INTO order_history VALUES(16,6,'confirmed','assigned',1795335594458,4,'阿明');
INSERT INTO order_history VALUES(17,7,'confirmed','assigned',1795335594459,4,'阿明');
INSERT INTO order_history VALUES(18,1,'assigned','in_delivery',1795335594460,5,NULL);
INSERT INTO order_history VALUES(19,2,'assigned','in_delivery',1795335594461,5,NULL);
INSERT INTO order_history VALUES(20,3,'assigned','in_delivery',1795335594463,5,NULL);
INSERT INTO order_history VALUES(21,4,'assigned','in_delivery',1795335594467,5,NULL);
INSERT INTO order_history VALUES(22,5,'assigned','in_delivery',1795335594470,5,NULL);
INSERT INTO order_history VALUES(23,1,'in_delivery','delivered',1795335594471,5,'收的人：老闆娘');
INSERT INTO order_history VALUES(24,2,'in_delivery','delivered',1795335594475,5,'沒有簽收：老客戶');
INSERT INTO order_history VALUES(25,3,'in_delivery','confirmed',1795335594479,5,'沒送成，客戶不在');
INSERT INTO order_history VALUES(26,9,'confirmed','assigned',1795335594482,4,'阿明');
INSERT INTO order_history VALUES(27,10,'confirmed','cancelled',1795335594484,4,'客戶要求');
INSERT INTO order_history VALUES(28,11,NULL,'confirmed',1795335594485,4,NULL);
INSERT INTO order_history VALUES(29,12,NULL,'pending',1795335594487,4,NULL);
INSERT INTO order_history VALUES(30,13,NULL,'confirmed',1795335594491,4,NULL);
INSERT INTO order_history VALUES(31,4,'in_delivery','delivered',1795346899370,5,'收的人：蘇小姐');
INSERT INTO order_history VALUES(32,5,'in_delivery','delivered',1795346899380,5,'沒有簽收：沒有人在，放門口');
INSERT INTO order_history VALUES(33,5,'delivered','in_delivery',1795346899389,5,'復原；按錯了');
INSERT INTO order_history VALUES(34,5,'in_delivery','confirmed',1795346899393,5,'沒送成，客戶不在；打電話沒人接');
INSERT INTO order_history VALUES(35,6,'assigned','in_delivery',1795346899397,5,NULL);
INSERT INTO order_history VALUES(36,14,NULL,'confirmed',1795346899400,4,NULL);
INSERT INTO order_history VALUES(37,15,NULL,'confirmed',1795346899403,4,NULL);
INSERT INTO order_history VALUES(38,16,NULL,'confirmed',1795346899405,4,NULL);
INSERT INTO order_history VALUES(39,17,NULL,'confirmed',1795346899408,4,NULL);
INSERT INTO order_history VALUES(40,18,NULL,'confirmed',1795346899411,4,NULL);
INSERT INTO order_history VALUES(41,19,NULL,'confirmed',1795346899413,4,NULL);
INSERT INTO order_history VALUES(42,17,'confirmed','assigned',1795346899424,4,'阿強');
INSERT INTO order_history VALUES(43,15,'confirmed','assigned',1795346899424,4,'阿強');
INSERT INTO order_history VALUES(44,16,'confirmed','assigned',1795346899424,4,'阿強');
INSERT INTO order_history VALUES(45,14,'confirmed','assigned',1795346899424,4,'阿強');
INSERT INTO order_history VALUES(46,17,'assigned','confirmed',1795346899434,4,NULL);
INSERT INTO order_history VALUES(47,15,'assigned','in_delivery',1795346899437,2,'代司機：阿強的手機沒電');
INSERT INTO order_history VALUES(48,16,'assigned','in_delivery',1795346899437,2,'代司機：阿強的手機沒電');
INSERT INTO order_history VALUES(49,14,'assigned','in_delivery',1795346899437,2,'代司機：阿強的手機沒電');
INSERT INTO order_history VALUES(50,14,'in_delivery','delivered',1795346899441,2,'收的人：本人；代司機：替阿強登');
INSERT INTO order_history VALUES(51,15,'in_delivery','confirmed',1795346899450,2,'沒送成，地址錯誤；代司機：替阿強登，路名不對');
INSERT INTO order_history VALUES(52,16,'in_delivery','delivered',1795346899453,2,'收的人：店長；代司機：替阿強登');
INSERT INTO order_history VALUES(53,20,NULL,'confirmed',1795346899474,4,NULL);
INSERT INTO order_history VALUES(54,20,'confirmed','assigned',1795346899478,4,'阿明');
INSERT INTO order_history VALUES(55,21,NULL,'confirmed',1795346899487,4,NULL);
CREATE TABLE order_search (
    order_id INTEGER PRIMARY KEY REFERENCES orders (id) ON DELETE RESTRICT,
    key      TEXT NOT NULL                          -- contact, a line break, address, a tab, the digits of the phone
) STRICT;
INSERT INTO order_search VALUES(1,replace('王小姐\n台東縣範例市中正路1號	0900000213','\n',char(10)));
INSERT INTO order_search VALUES(2,replace('\n台東縣範例市中正路1號	0900000214','\n',char(10)));
INSERT INTO order_search VALUES(3,replace('\n範例市新街1號	0900000215','\n',char(10)));
INSERT INTO order_search VALUES(4,replace('\n台東縣東河鄉溪谷村紅楓街519號	089000780','\n',char(10)));
INSERT INTO order_search VALUES(5,replace('\n台東市日昇路二段266巷594號	0900000534','\n',char(10)));
INSERT INTO order_search VALUES(6,replace('\n台東市鯉躍街336號之3	0900000129','\n',char(10)));
INSERT INTO order_search VALUES(7,replace('\n台東縣大武鄉和風村觀濤路二段568號	089000951','\n',char(10)));
INSERT INTO order_search VALUES(8,replace('\n台東市豐禾路一段513號	0900000720','\n',char(10)));
INSERT INTO order_search VALUES(9,replace('\n台東市金穗路2巷44號之2	0900000599','\n',char(10)));
INSERT INTO order_search VALUES(10,replace('\n台東市豐禾路356巷455號	0900000253','\n',char(10)));
INSERT INTO order_search VALUES(11,replace('路過的人\n範例市樣本路5號	0900000777','\n',char(10)));
INSERT INTO order_search VALUES(12,replace('\n台東市許厝路二段678號	0900000845','\n',char(10)));
INSERT INTO order_search VALUES(13,replace('\n台東縣範例市中正路1號	0900000214','\n',char(10)));
INSERT INTO order_search VALUES(14,replace('\n台東市金穗路571號	0900000017','\n',char(10)));
INSERT INTO order_search VALUES(15,replace('\n台東市松嶺路7弄621號	0900000325','\n',char(10)));
INSERT INTO order_search VALUES(16,replace('\n台東市豐禾路三段265巷74號	089000005','\n',char(10)));
INSERT INTO order_search VALUES(17,replace('\n台東市建功街444號	089000329','\n',char(10)));
INSERT INTO order_search VALUES(18,replace('\n台東市鯉躍街543號	0900000197','\n',char(10)));
INSERT INTO order_search VALUES(19,replace('\n台東市雲瀑路一段325號	0900000024','\n',char(10)));
INSERT INTO order_search VALUES(20,replace('\n台東縣範例市中正路1號	0900000214','\n',char(10)));
INSERT INTO order_search VALUES(21,replace('路人甲\n範例市急件路6號	0900000666','\n',char(10)));
CREATE TABLE order_filters (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    name    TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 20),
    query   TEXT    NOT NULL CHECK (length(query) <= 500),
    UNIQUE (user_id, name)
) STRICT;
INSERT INTO order_filters VALUES(1,4,'今天現金','');
CREATE TABLE order_template_days (
    template_id INTEGER NOT NULL REFERENCES order_templates (id) ON DELETE RESTRICT,
    due_on      TEXT    NOT NULL,                   -- the day of the rhythm, which a closed day may have moved from
    order_id    INTEGER NOT NULL REFERENCES orders (id) ON DELETE RESTRICT,
    PRIMARY KEY (template_id, due_on)
) STRICT, WITHOUT ROWID;
CREATE TABLE telemetry_alarms (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    alarmed_at  INTEGER NOT NULL,
    note        TEXT    CHECK (length(note) <= 500),
    order_id    INTEGER REFERENCES orders (id) ON DELETE RESTRICT,
    user_id     INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    created_at  INTEGER NOT NULL
) STRICT;
INSERT INTO telemetry_alarms VALUES(1,4,1795335594491,'剩兩成',13,4,1795335594491);
CREATE TABLE due_skips (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    skipped_on  TEXT    NOT NULL,
    user_id     INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    skipped_at  INTEGER NOT NULL,
    PRIMARY KEY (customer_id, skipped_on)
) STRICT, WITHOUT ROWID;
CREATE TABLE vehicles (
    id           INTEGER PRIMARY KEY,
    plate        TEXT    NOT NULL UNIQUE CHECK (length(plate) BETWEEN 1 AND 12),
    kind         TEXT    NOT NULL CHECK (kind IN ('truck', 'motorcycle')),
    max_gross_kg INTEGER NOT NULL CHECK (max_gross_kg BETWEEN 1 AND 20000),  -- cylinders and gas together
    note         TEXT    CHECK (length(note) <= 200),
    is_active    INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    version      INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO vehicles VALUES(1,'KEA-0001','truck',1500,'有尾門',1,1);
INSERT INTO vehicles VALUES(2,'KEA-0002','truck',1000,NULL,1,1);
INSERT INTO vehicles VALUES(3,'KEB-0003','motorcycle',180,NULL,1,1);
INSERT INTO vehicles VALUES(4,'KEA-0009','truck',1000,NULL,0,1);
CREATE TABLE drivers (
    user_id            INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE RESTRICT,
    phone              TEXT    CHECK (length(phone) <= 40),
    default_vehicle_id INTEGER REFERENCES vehicles (id) ON DELETE RESTRICT,
    is_available       INTEGER NOT NULL DEFAULT 1 CHECK (is_available IN (0, 1)),
    version            INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO drivers VALUES(5,'0900-000-005',1,1,1);
INSERT INTO drivers VALUES(6,'0900-000-006',2,1,1);
CREATE TABLE driver_areas (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    area_id INTEGER NOT NULL REFERENCES areas (id) ON DELETE RESTRICT,
    PRIMARY KEY (user_id, area_id)
) STRICT, WITHOUT ROWID;
INSERT INTO driver_areas VALUES(5,1);
INSERT INTO driver_areas VALUES(6,2);
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
INSERT INTO routes VALUES(1,'2026-11-22',1,NULL,'all_day','planned','in_progress',5,NULL,NULL,1795335594470,1795335594470,NULL,NULL,NULL,NULL,NULL,NULL,1795335594470,1795335594470,1);
INSERT INTO routes VALUES(2,'2026-11-23',1,NULL,'all_day','planned','published',5,NULL,NULL,1795335594482,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795335594482,1795335594482,1);
INSERT INTO routes VALUES(3,'2026-11-22',2,NULL,'all_day','planned','completed',6,NULL,2,1795346899424,1795346899437,1795346899453,NULL,NULL,'先送海線',NULL,4,1795346899416,1795346899453,4);
INSERT INTO routes VALUES(4,'2026-11-22',3,1,'all_day','planned','draft',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795346899465,1795346899465,1);
INSERT INTO routes VALUES(5,'2026-11-24',1,NULL,'morning','planned','cancelled',5,NULL,3,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,1795346899470,1795346899472,2);
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
INSERT INTO stops VALUES(1,1,4,1,'completed',1795335594467,1795346899367,1795346899370,NULL,NULL,'蘇小姐',NULL,NULL,NULL,NULL,765,1000,765,3);
INSERT INTO stops VALUES(2,1,5,2,'failed',1795335594470,NULL,1795346899393,'absent','打電話沒人接',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4);
INSERT INTO stops VALUES(3,1,6,3,'arrived',1795335594458,1795346899397,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO stops VALUES(4,1,7,5,'pending',1795335594459,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO stops VALUES(5,2,9,1,'pending',1795335594482,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO stops VALUES(6,3,14,4,'completed',1795346899418,NULL,1795346899441,NULL,NULL,'本人',NULL,NULL,NULL,'替阿強登',1700,2000,1700,3);
INSERT INTO stops VALUES(7,3,15,2,'failed',1795346899418,NULL,1795346899450,'wrong_address','替阿強登，路名不對',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO stops VALUES(8,3,16,3,'completed',1795346899418,NULL,1795346899453,NULL,NULL,'店長',NULL,NULL,NULL,'替阿強登',543,0,0,2);
INSERT INTO stops VALUES(9,3,17,1,'skipped',1795346899418,NULL,1795346899434,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3);
INSERT INTO stops VALUES(10,4,18,1,'pending',1795346899468,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO stops VALUES(11,1,20,4,'pending',1795346899478,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
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
INSERT INTO driver_acts VALUES(1,'fixture-0001',5,'arrive',1,1,NULL,1795346899367,'{}','applied','{"outcome":"applied","say":"到了。","warnings":[],"stop_id":1,"route_id":1,"route_status":"in_progress","order_id":4,"stop_status":"arrived","order_status":"in_delivery","final_ntd":850,"cash_due_ntd":null,"cash_ntd":null,"change_ntd":null}',NULL,NULL);
INSERT INTO driver_acts VALUES(2,'fixture-0002',5,'complete',1,1,NULL,1795346899370,'{"lines":[{"qty_delivered":1,"empties_returned":1,"residual_g":2000}],"cash_handed_ntd":1000,"recipient":"蘇小姐"}','applied','{"outcome":"applied","say":"0004 送完了。","warnings":[],"stop_id":1,"route_id":1,"route_status":"in_progress","order_id":4,"stop_status":"completed","order_status":"delivered","final_ntd":765,"cash_due_ntd":765,"cash_ntd":765,"change_ntd":235}',NULL,NULL);
INSERT INTO driver_acts VALUES(3,'fixture-0003',5,'complete',1,2,NULL,1795346899380,'{"cash_handed_ntd":1400,"no_proof":"沒有人在，放門口"}','applied','{"outcome":"applied","say":"0005 送完了。","warnings":[],"stop_id":2,"route_id":1,"route_status":"in_progress","order_id":5,"stop_status":"completed","order_status":"delivered","final_ntd":1400,"cash_due_ntd":1400,"cash_ntd":1400,"change_ntd":0}',NULL,NULL);
INSERT INTO driver_acts VALUES(4,'fixture-0004',5,'undo',1,2,NULL,1795346899389,'{"note":"按錯了"}','applied','{"outcome":"applied","say":"0005 復原了，還沒送。","warnings":[],"stop_id":2,"route_id":1,"route_status":"in_progress","order_id":5,"stop_status":"pending","order_status":"in_delivery","final_ntd":1400,"cash_due_ntd":null,"cash_ntd":null,"change_ntd":null}',NULL,NULL);
INSERT INTO driver_acts VALUES(5,'fixture-0005',5,'fail',1,2,NULL,1795346899393,'{"note":"打電話沒人接","reason":"absent"}','applied','{"outcome":"applied","say":"0005 高宜彥 記沒送成，桶留在車上。","warnings":[],"stop_id":2,"route_id":1,"route_status":"in_progress","order_id":5,"stop_status":"failed","order_status":"confirmed","final_ntd":1400,"cash_due_ntd":null,"cash_ntd":null,"change_ntd":null}',NULL,NULL);
INSERT INTO driver_acts VALUES(6,'fixture-0006',5,'arrive',1,3,NULL,1795346899397,'{}','applied','{"outcome":"applied","say":"到了。","warnings":[],"stop_id":3,"route_id":1,"route_status":"in_progress","order_id":6,"stop_status":"arrived","order_status":"in_delivery","final_ntd":2000,"cash_due_ntd":null,"cash_ntd":null,"change_ntd":null}',NULL,NULL);
INSERT INTO driver_acts VALUES(7,'fixture-0013',2,'complete',3,6,NULL,1795346899441,'{"note":"替阿強登","cash_handed_ntd":2000,"recipient":"本人"}','applied','{"outcome":"applied","say":"0014 送完了。","warnings":[],"stop_id":6,"route_id":3,"route_status":"in_progress","order_id":14,"stop_status":"completed","order_status":"delivered","final_ntd":1700,"cash_due_ntd":1700,"cash_ntd":1700,"change_ntd":300}',NULL,NULL);
INSERT INTO driver_acts VALUES(8,'fixture-0014',2,'fail',3,7,NULL,1795346899450,'{"note":"替阿強登，路名不對","reason":"wrong_address"}','applied','{"outcome":"applied","say":"0015 莊家輝 記沒送成，桶留在車上。","warnings":[],"stop_id":7,"route_id":3,"route_status":"in_progress","order_id":15,"stop_status":"failed","order_status":"confirmed","final_ntd":700,"cash_due_ntd":null,"cash_ntd":null,"change_ntd":null}',NULL,NULL);
INSERT INTO driver_acts VALUES(9,'fixture-0015',2,'complete',3,8,NULL,1795346899453,'{"note":"替阿強登","readings":[{"meter_id":1,"value_milli":118000,"is_sure":true}],"cash_handed_ntd":0,"recipient":"店長"}','applied','{"outcome":"applied","say":"0016 送完了。","warnings":["收了 NT$0，應收 NT$543。"],"stop_id":8,"route_id":3,"route_status":"completed","order_id":16,"stop_status":"completed","order_status":"delivered","final_ntd":543,"cash_due_ntd":543,"cash_ntd":0,"change_ntd":0}',NULL,NULL);
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
INSERT INTO payments VALUES(1,'2026-11-22',1,9,'cash',765,4,1,5,'recorded',NULL,NULL,NULL,1795346899370,1);
INSERT INTO payments VALUES(2,'2026-11-22',2,10,'cash',1400,5,2,5,'voided','復原',1795346899389,5,1795346899380,2);
INSERT INTO payments VALUES(3,'2026-11-22',3,17,'cash',1700,14,6,6,'recorded',NULL,NULL,NULL,1795346899441,1);
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
INSERT INTO meters VALUES(1,22,'M-0001','度',2100,'2026-10-01',1,1);
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
INSERT INTO meter_readings VALUES(1,1,'2026-10-22',100500,NULL,NULL,0,NULL,0,NULL,NULL,4,1795346899358,NULL);
INSERT INTO meter_readings VALUES(2,1,'2026-11-21',112250,100500,NULL,24675,NULL,0,NULL,NULL,4,1795346899362,NULL);
INSERT INTO meter_readings VALUES(3,1,'2026-11-22',118000,112250,NULL,12075,45,543,16,8,2,1795346899453,NULL);
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
INSERT INTO cylinder_movements VALUES(1,'2026-11-22',1795346899337,'refilled','supplier',NULL,'shop',NULL,1,6,'full',NULL,NULL,NULL,NULL,4,'進貨');
INSERT INTO cylinder_movements VALUES(2,'2026-11-22',1795346899338,'refilled','supplier',NULL,'shop',NULL,2,30,'full',NULL,NULL,NULL,NULL,4,'進貨');
INSERT INTO cylinder_movements VALUES(3,'2026-11-22',1795346899340,'refilled','supplier',NULL,'shop',NULL,3,20,'full',NULL,NULL,NULL,NULL,4,'進貨');
INSERT INTO cylinder_movements VALUES(4,'2026-11-22',1795346899342,'refilled','supplier',NULL,'shop',NULL,4,8,'full',NULL,NULL,NULL,NULL,4,'進貨');
INSERT INTO cylinder_movements VALUES(5,'2026-11-22',1795346899343,'refilled','supplier',NULL,'shop',NULL,8,6,'full',NULL,NULL,NULL,NULL,4,'進貨');
INSERT INTO cylinder_movements VALUES(6,'2026-11-22',1795346899345,'counted','outside',NULL,'shop',NULL,2,12,'empty',NULL,NULL,NULL,NULL,2,'盤點');
INSERT INTO cylinder_movements VALUES(7,'2026-11-22',1795346899347,'sent','shop',NULL,'supplier',NULL,2,4,'empty',NULL,NULL,NULL,NULL,4,NULL);
INSERT INTO cylinder_movements VALUES(8,'2026-11-22',1795346899349,'scrapped','shop',NULL,'scrap',NULL,2,1,'empty',NULL,NULL,NULL,NULL,4,'閥壞了');
INSERT INTO cylinder_movements VALUES(9,'2026-11-22',1795346899351,'corrected','outside',NULL,'customer',2,2,1,'empty',NULL,NULL,NULL,NULL,2,'現場數過');
INSERT INTO cylinder_movements VALUES(10,'2026-11-22',1795346899370,'delivered','shop',NULL,'customer',9,2,1,'full',1,1,4,NULL,5,NULL);
INSERT INTO cylinder_movements VALUES(11,'2026-11-22',1795346899370,'returned','customer',9,'shop',NULL,2,1,'empty',1,1,4,NULL,5,NULL);
INSERT INTO cylinder_movements VALUES(12,'2026-11-22',1795346899380,'delivered','shop',NULL,'customer',10,3,2,'full',1,2,5,NULL,5,NULL);
INSERT INTO cylinder_movements VALUES(13,'2026-11-22',1795346899380,'returned','customer',10,'shop',NULL,3,2,'empty',1,2,5,NULL,5,NULL);
INSERT INTO cylinder_movements VALUES(14,'2026-11-22',1795346899389,'returned','shop',NULL,'customer',10,3,2,'empty',1,2,5,13,5,NULL);
INSERT INTO cylinder_movements VALUES(15,'2026-11-22',1795346899389,'delivered','customer',10,'shop',NULL,3,2,'full',1,2,5,12,5,NULL);
INSERT INTO cylinder_movements VALUES(16,'2026-11-22',1795346899429,'loaded','shop',NULL,'vehicle',2,2,4,'full',3,NULL,NULL,NULL,4,NULL);
INSERT INTO cylinder_movements VALUES(17,'2026-11-22',1795346899429,'loaded','shop',NULL,'vehicle',2,3,2,'full',3,NULL,NULL,NULL,4,NULL);
INSERT INTO cylinder_movements VALUES(18,'2026-11-22',1795346899441,'delivered','vehicle',2,'customer',17,2,2,'full',3,6,14,NULL,2,NULL);
INSERT INTO cylinder_movements VALUES(19,'2026-11-22',1795346899441,'returned','customer',17,'vehicle',2,2,2,'empty',3,6,14,NULL,2,NULL);
INSERT INTO cylinder_movements VALUES(20,'2026-11-22',1795346899453,'delivered','vehicle',2,'customer',22,13,1,'full',3,8,16,NULL,2,NULL);
INSERT INTO cylinder_movements VALUES(21,'2026-11-22',1795346899453,'returned','customer',22,'vehicle',2,13,1,'empty',3,8,16,NULL,2,NULL);
INSERT INTO cylinder_movements VALUES(22,'2026-11-22',1795346899463,'unloaded','vehicle',2,'shop',NULL,2,2,'full',3,NULL,NULL,NULL,4,NULL);
INSERT INTO cylinder_movements VALUES(23,'2026-11-22',1795346899463,'unloaded','vehicle',2,'shop',NULL,2,2,'empty',3,NULL,NULL,NULL,4,NULL);
INSERT INTO cylinder_movements VALUES(24,'2026-11-22',1795346899463,'unloaded','vehicle',2,'shop',NULL,3,2,'full',3,NULL,NULL,NULL,4,NULL);
INSERT INTO cylinder_movements VALUES(25,'2026-11-22',1795346899463,'counted','outside',NULL,'vehicle',2,13,1,'full',3,NULL,NULL,NULL,4,'少一支要查');
INSERT INTO cylinder_movements VALUES(26,'2026-11-22',1795346899463,'counted','vehicle',2,'outside',NULL,13,1,'empty',3,NULL,NULL,NULL,4,'少一支要查');
CREATE TABLE cylinder_balances (
    place      TEXT    NOT NULL CHECK (place IN ('shop', 'vehicle', 'customer', 'supplier', 'scrap', 'outside')),
    place_id   INTEGER NOT NULL,                    -- 0 where there is only one such place
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    state      TEXT    NOT NULL CHECK (state IN ('full', 'empty')),
    qty        INTEGER NOT NULL,
    PRIMARY KEY (place, place_id, product_id, state)
) STRICT, WITHOUT ROWID;
INSERT INTO cylinder_balances VALUES('customer',2,2,'empty',1);
INSERT INTO cylinder_balances VALUES('customer',9,2,'empty',-1);
INSERT INTO cylinder_balances VALUES('customer',9,2,'full',1);
INSERT INTO cylinder_balances VALUES('customer',10,3,'empty',0);
INSERT INTO cylinder_balances VALUES('customer',10,3,'full',0);
INSERT INTO cylinder_balances VALUES('customer',17,2,'empty',-2);
INSERT INTO cylinder_balances VALUES('customer',17,2,'full',2);
INSERT INTO cylinder_balances VALUES('customer',22,13,'empty',-1);
INSERT INTO cylinder_balances VALUES('customer',22,13,'full',1);
INSERT INTO cylinder_balances VALUES('outside',0,2,'empty',-13);
INSERT INTO cylinder_balances VALUES('outside',0,13,'empty',1);
INSERT INTO cylinder_balances VALUES('outside',0,13,'full',-1);
INSERT INTO cylinder_balances VALUES('scrap',0,2,'empty',1);
INSERT INTO cylinder_balances VALUES('shop',0,1,'full',6);
INSERT INTO cylinder_balances VALUES('shop',0,2,'empty',10);
INSERT INTO cylinder_balances VALUES('shop',0,2,'full',27);
INSERT INTO cylinder_balances VALUES('shop',0,3,'empty',0);
INSERT INTO cylinder_balances VALUES('shop',0,3,'full',20);
INSERT INTO cylinder_balances VALUES('shop',0,4,'full',8);
INSERT INTO cylinder_balances VALUES('shop',0,8,'full',6);
INSERT INTO cylinder_balances VALUES('supplier',0,1,'full',-6);
INSERT INTO cylinder_balances VALUES('supplier',0,2,'empty',4);
INSERT INTO cylinder_balances VALUES('supplier',0,2,'full',-30);
INSERT INTO cylinder_balances VALUES('supplier',0,3,'full',-20);
INSERT INTO cylinder_balances VALUES('supplier',0,4,'full',-8);
INSERT INTO cylinder_balances VALUES('supplier',0,8,'full',-6);
INSERT INTO cylinder_balances VALUES('vehicle',2,2,'empty',0);
INSERT INTO cylinder_balances VALUES('vehicle',2,2,'full',0);
INSERT INTO cylinder_balances VALUES('vehicle',2,3,'full',0);
INSERT INTO cylinder_balances VALUES('vehicle',2,13,'empty',0);
INSERT INTO cylinder_balances VALUES('vehicle',2,13,'full',0);
CREATE TABLE customer_owned_cylinders (
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    product_id  INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    qty         INTEGER NOT NULL CHECK (qty BETWEEN 0 AND 999),
    PRIMARY KEY (customer_id, product_id)
) STRICT, WITHOUT ROWID;
INSERT INTO customer_owned_cylinders VALUES(9,3,1);
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
INSERT INTO emergencies VALUES(1,'gas_leak',4,20,NULL,'廚房有瓦斯味，已關總開關','0900-000-214','臺東縣範例市中正路1號',4,1795346899474,5,1795346899478,1795346899481,NULL,1795346899484,1795346899474,1,1795346899482,4,'fixture-0016',5);
INSERT INTO emergencies VALUES(2,'urgent_delivery',1,21,NULL,'辦桌，瓦斯斷了','0900-000-666','範例市急件路6號',4,1795346899487,NULL,NULL,NULL,NULL,NULL,1795346899487,1,NULL,NULL,'fixture-0017',1);
CREATE TABLE notices (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    event   TEXT    NOT NULL CHECK (event IN ('route_published', 'route_changed', 'order_changed', 'stop_failed', 'conflict', 'emergency', 'low_stock')),
    user_id INTEGER REFERENCES users (id) ON DELETE RESTRICT, -- NULL: the office
    text    TEXT    NOT NULL CHECK (length(text) BETWEEN 1 AND 300),
    noun    TEXT,                                   -- what it is about
    noun_id INTEGER
) STRICT;
INSERT INTO notices VALUES(1,1795346899393,'stop_failed',NULL,'0005 高宜彥沒送成：客戶不在','order',5);
INSERT INTO notices VALUES(2,1795346899424,'route_published',6,'新路線 R-20261122-02，共 4 站','route',3);
INSERT INTO notices VALUES(3,1795346899434,'route_changed',6,'路線 R-20261122-02 有變動，現在共 3 站','route',3);
INSERT INTO notices VALUES(4,1795346899450,'stop_failed',NULL,'0015 莊家輝沒送成：地址錯誤','order',15);
INSERT INTO notices VALUES(5,1795346899474,'emergency',NULL,'瓦斯洩漏：木瓜冰店二店，臺東縣範例市中正路1號','emergency',1);
INSERT INTO notices VALUES(6,1795346899478,'route_changed',5,'路線 R-20261122-01 有變動，現在共 3 站','route',1);
INSERT INTO notices VALUES(7,1795346899478,'emergency',5,'緊急 瓦斯洩漏：木瓜冰店二店，臺東縣範例市中正路1號','emergency',1);
INSERT INTO notices VALUES(8,1795346899484,'emergency',5,'瓦斯洩漏：木瓜冰店二店 解除了','emergency',1);
INSERT INTO notices VALUES(9,1795346899487,'emergency',NULL,'緊急配送：現金零售，範例市急件路6號','emergency',2);
CREATE TABLE notices_seen (
    user_id   INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE RESTRICT,
    notice_id INTEGER NOT NULL
) STRICT;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('journal',156);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX journal_noun ON journal (noun, noun_id);
CREATE INDEX journal_user ON journal (user_id);
CREATE TRIGGER journal_keeps BEFORE DELETE ON journal BEGIN SELECT raise(ABORT, 'the journal is never shortened'); END;
CREATE TRIGGER journal_stands BEFORE UPDATE ON journal BEGIN SELECT raise(ABORT, 'the journal is never rewritten'); END;
CREATE INDEX job_runs_job ON job_runs (job, started_at);
CREATE INDEX imports_user ON imports (user_id);
CREATE INDEX import_rows_import ON import_rows (import_id);
CREATE INDEX import_rows_customer ON import_rows (customer_id);
CREATE INDEX customers_area ON customers (area_id, customer_code, short_name, is_active, is_terminated, is_placeholder, pricing_method, payment_terms);
CREATE INDEX customers_code ON customers (length(customer_code), customer_code);
CREATE INDEX customers_name ON customers (short_name);
CREATE INDEX customers_address ON customers (address) WHERE address IS NOT NULL;
CREATE INDEX customers_tax_id ON customers (tax_id) WHERE tax_id IS NOT NULL;
CREATE INDEX customers_import ON customers (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX customer_phones_e164 ON customer_phones (e164);
CREATE INDEX customer_sheets_import ON customer_sheets (import_id);
CREATE INDEX deliveries_customer ON deliveries (customer_id, delivered_on);
CREATE INDEX deliveries_day ON deliveries (delivered_on);
CREATE INDEX delivery_history_customer ON delivery_history (customer_id, delivered_on);
CREATE INDEX delivery_history_day ON delivery_history (delivered_on);
CREATE TRIGGER delivery_history_stands BEFORE UPDATE ON delivery_history
WHEN NOT EXISTS (SELECT 1 FROM history_open) BEGIN SELECT raise(ABORT, 'deliveries older than six months are closed'); END;
CREATE TRIGGER delivery_history_keeps BEFORE DELETE ON delivery_history
WHEN NOT EXISTS (SELECT 1 FROM history_open) BEGIN SELECT raise(ABORT, 'deliveries older than six months are closed'); END;
CREATE VIEW all_deliveries AS
SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note, recorded_id, import_id FROM deliveries
UNION ALL
SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note, recorded_id, import_id FROM delivery_history;
CREATE INDEX delivery_drops_delivery ON delivery_drops (delivery_id);
CREATE INDEX delivery_drops_import ON delivery_drops (import_id);
CREATE INDEX visits_import ON visits (import_id);
CREATE INDEX customers_planned ON customers (area_id) WHERE is_active = 1 AND is_terminated = 0 AND is_walk_in = 0 AND (on_patrol = 1 OR is_subscription = 1 OR has_telemetry = 1);
CREATE INDEX deliveries_known ON deliveries (customer_id, delivered_on) WHERE coalesce(qty_50, qty_20, qty_16, qty_10, qty_4) IS NOT NULL;
CREATE INDEX delivery_history_known ON delivery_history (customer_id, delivered_on) WHERE coalesce(qty_50, qty_20, qty_16, qty_10, qty_4) IS NOT NULL;
CREATE INDEX customer_prices_product ON customer_prices (product_id);
CREATE INDEX order_imports_user ON order_imports (user_id);
CREATE INDEX order_templates_customer ON order_templates (customer_id);
CREATE INDEX order_templates_next ON order_templates (next_on) WHERE is_active = 1;
CREATE INDEX order_template_lines_product ON order_template_lines (product_id);
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
CREATE INDEX order_lines_product ON order_lines (product_id);
CREATE INDEX order_history_order ON order_history (order_id);
CREATE INDEX order_history_user ON order_history (user_id);
CREATE TRIGGER order_history_keeps BEFORE DELETE ON order_history BEGIN SELECT raise(ABORT, 'a step an order took is never removed'); END;
CREATE TRIGGER order_history_stands BEFORE UPDATE ON order_history BEGIN SELECT raise(ABORT, 'a step an order took is never rewritten'); END;
CREATE INDEX order_template_days_order ON order_template_days (order_id);
CREATE INDEX telemetry_alarms_customer ON telemetry_alarms (customer_id, alarmed_at);
CREATE INDEX telemetry_alarms_order ON telemetry_alarms (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX telemetry_alarms_user ON telemetry_alarms (user_id);
CREATE INDEX due_skips_user ON due_skips (user_id);
CREATE INDEX drivers_vehicle ON drivers (default_vehicle_id);
CREATE INDEX driver_areas_area ON driver_areas (area_id);
CREATE UNIQUE INDEX routes_running ON routes (driver_id) WHERE status = 'in_progress';
CREATE INDEX routes_open ON routes (status, route_on) WHERE status IN ('draft', 'published', 'in_progress');
CREATE INDEX routes_driver ON routes (driver_id, route_on);
CREATE INDEX routes_crew2 ON routes (crew2_id, route_on) WHERE crew2_id IS NOT NULL;
CREATE INDEX routes_vehicle ON routes (vehicle_id, route_on) WHERE vehicle_id IS NOT NULL;
CREATE INDEX routes_area ON routes (area_id) WHERE area_id IS NOT NULL;
CREATE INDEX routes_created_by ON routes (created_by) WHERE created_by IS NOT NULL;
CREATE TRIGGER routes_stay BEFORE DELETE ON routes BEGIN SELECT raise(ABORT, 'a route is cancelled, never deleted'); END;
CREATE UNIQUE INDEX stops_held ON stops (order_id) WHERE status IN ('pending', 'arrived', 'completed');
CREATE INDEX stops_order ON stops (order_id);
CREATE INDEX stops_route ON stops (route_id, seq);
CREATE TRIGGER stops_stay BEFORE DELETE ON stops BEGIN SELECT raise(ABORT, 'a stop is skipped, never deleted'); END;
CREATE INDEX driver_acts_user ON driver_acts (user_id);
CREATE INDEX driver_acts_route ON driver_acts (route_id);
CREATE INDEX driver_acts_stop ON driver_acts (stop_id);
CREATE INDEX driver_acts_open ON driver_acts (received_at) WHERE outcome = 'conflict' AND settled_at IS NULL;
CREATE INDEX driver_acts_settled_by ON driver_acts (settled_by) WHERE settled_by IS NOT NULL;
CREATE INDEX payments_customer ON payments (customer_id, paid_on);
CREATE INDEX payments_order ON payments (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX payments_stop ON payments (stop_id) WHERE stop_id IS NOT NULL;
CREATE INDEX payments_received_by ON payments (received_by, paid_on);
CREATE INDEX payments_voided_by ON payments (voided_by) WHERE voided_by IS NOT NULL;
CREATE TRIGGER payments_stay BEFORE DELETE ON payments BEGIN SELECT raise(ABORT, 'a payment is voided, never deleted'); END;
CREATE INDEX meter_readings_meter ON meter_readings (meter_id, read_on);
CREATE INDEX meter_readings_order ON meter_readings (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX meter_readings_stop ON meter_readings (stop_id) WHERE stop_id IS NOT NULL;
CREATE INDEX meter_readings_user ON meter_readings (user_id) WHERE user_id IS NOT NULL;
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
CREATE INDEX cylinder_balances_product ON cylinder_balances (product_id);
CREATE INDEX customer_owned_cylinders_product ON customer_owned_cylinders (product_id);
CREATE INDEX emergencies_open ON emergencies (created_at) WHERE closed_at IS NULL;
CREATE INDEX emergencies_customer ON emergencies (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX emergencies_driver ON emergencies (driver_id) WHERE driver_id IS NOT NULL;
CREATE INDEX emergencies_created_by ON emergencies (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX emergencies_in_need ON emergencies (in_need_id) WHERE in_need_id IS NOT NULL;
CREATE INDEX emergencies_seen_by ON emergencies (seen_by) WHERE seen_by IS NOT NULL;
CREATE INDEX notices_user ON notices (user_id, id);
COMMIT;
