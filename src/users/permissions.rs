//! Who may do what, as the users page shows it (business §20). A row stands here when the program can
//! do it, and names an address that does; a test holds every row against `urls.rs`, which decides.

use crate::http::Method::{self, Get, Post};

/// What a role may do of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    Yes,
    No,
    /// Some of it: in a few words, which.
    Part(&'static str),
}

use May::{No, Part, Yes};

/// One thing people do, for each role in the order of [`super::Role::ALL`].
pub struct Permission {
    pub what: &'static str,
    pub roles: [May; 5],
    /// An address that does it: only who may is let in.
    pub proof: (Method, &'static str),
}

const fn row(what: &'static str, roles: [May; 5], method: Method, pattern: &'static str) -> Permission {
    Permission { what, roles, proof: (method, pattern) }
}

#[rustfmt::skip]
pub const PERMISSIONS: &[Permission] = &[
    //                               admin manager accountant office driver
    row("看客戶",                    [Yes, Yes, Yes, Yes, No], Get,  "/customers"),
    row("新增、修改客戶和電話",      [Yes, Yes, No,  Yes, No], Post, "/customers"),
    row("停用、解約、恢復客戶",      [Yes, Yes, No,  No,  No], Post, "/customers/{id}/terminate"),
    row("改區域的名字、併區域",      [Yes, Yes, No,  No,  No], Post, "/areas/{id}/merge"),
    row("看訂單",                    [Yes, Yes, Yes, Yes, No], Get,  "/orders"),
    row("接訂單",                    [Yes, Yes, No,  Yes, No], Post, "/orders"),
    row("範本：看、改、用、停",      [Yes, Yes, No,  Yes, No], Post, "/templates"),
    row("改單、取消、派司機",        [Yes, Yes, No,  Yes, No], Post, "/orders/{id}/confirm"),
    row("替司機記出發、送達、沒送成", [Yes, Yes, No,  No,  No], Post, "/orders/{id}/deliver"),
    row("在手機上跑自己的路線",      [No,  No,  No,  No,  Yes], Get,  "/driver"),
    row("在站上記送完、沒送成、復原",  [Part("代司機，寫原因"), Part("代司機，寫原因"), No, No, Part("自己的站")], Post, "/api/v1/stops/{id}/complete"),
    row("核對兩邊說的不一樣",        [Yes, Yes, No,  Yes, No], Post, "/conflicts/{id}/settle"),
    row("看派遣看板",                [Yes, Yes, Yes, Yes, No], Get,  "/board"),
    row("排路線、派司機、發布",      [Yes, Yes, No,  Yes, No], Post, "/board/assign"),
    row("看路線",                    [Yes, Yes, Yes, Yes, No], Get,  "/routes"),
    row("排路線、發布、換司機",      [Yes, Yes, No,  Yes, No], Post, "/routes"),
    row("替司機出發、結束，重新打開路線", [Yes, Yes, No,  No,  No], Post, "/routes/{id}/reopen"),
    row("看產品和價格",              [Yes, Yes, Yes, Yes, No], Get,  "/products"),
    row("改產品、價格",              [Yes, Yes, No,  No,  No], Post, "/products/prices"),
    row("印派遣單、載貨單、送貨單",  [Yes, Yes, Yes, Yes, No], Post, "/papers/printed"),
    row("看車輛和司機",              [Yes, Yes, Yes, Yes, No], Get,  "/drivers"),
    row("改司機的車、區域、能不能派", [Yes, Yes, No,  Yes, No], Post, "/drivers/{id}"),
    row("改車輛",                    [Yes, Yes, No,  No,  No], Post, "/vehicles/{id}"),
    row("看緊急事件",                [Yes, Yes, Yes, Yes, No], Get,  "/emergencies"),
    row("記緊急事件、派司機、解除",  [Yes, Yes, No,  Yes, No], Post, "/emergencies"),
    row("緊急時說「我去」",          [Yes, Yes, No,  Yes, Yes], Post, "/emergencies/{id}/answer"),
    row("看計畫名單",                [Yes, Yes, Yes, Yes, No], Get,  "/due"),
    row("照名單下單、記發報",        [Yes, Yes, No,  Yes, No], Post, "/due/{id}/order"),
    row("看鋼瓶",                    [Yes, Yes, Yes, Yes, No], Get,  "/cylinders"),
    row("裝車、下車、送廠、進貨、報廢", [Yes, Yes, No, Yes, No], Post, "/cylinders/refill"),
    row("盤點、更正鋼瓶",            [Yes, Yes, No,  No,  No], Post, "/cylinders/count"),
    row("抄錶",                      [Yes, Yes, No,  Yes, No], Post, "/meters/{id}/readings"),
    row("看配送紀錄",                [Yes, Yes, Yes, Yes, No], Get,  "/deliveries"),
    row("看報表",                    [Yes, Yes, Yes, Yes, No], Get,  "/reports/month"),
    row("匯入、收回匯入",            [Yes, Yes, No,  No,  No], Post, "/imports"),
    row("從試算表匯入、收回訂單",    [Yes, Yes, No,  Yes, No], Post, "/orders/lists"),
    row("匯出訂單",                  [Yes, Yes, No,  Yes, No], Get,  "/orders.csv"),
    row("匯出全部",                  [Yes, Yes, No,  No,  No], Get,  "/data/export/deliveries.csv"),
    row("叫程式現在做夜裡的工作",    [Yes, Yes, No,  No,  No], Post, "/jobs/{name}/run"),
    row("看異動紀錄",                [Yes, No,  No,  No,  No], Get,  "/audit"),
    row("開練習店、看以前的店",      [Yes, Yes, No,  No,  No], Post, "/backups/practice"),
    row("從備份還原",                [Yes, No,  No,  No,  No], Post, "/backups/restore"),
    row("看程式健不健康、存診斷檔",  [Yes, No,  No,  No,  No], Get,  "/data/health"),
    row("改店的設定",                [Yes, Yes, No,  No,  No], Post, "/settings"),
    row("使用者與密碼",              [Yes, Part("管理者除外"), No, No, No], Get, "/users"),
    row("自己的密碼和字的大小",      [Yes, Yes, Yes, Yes, Yes], Post, "/me"),
];
