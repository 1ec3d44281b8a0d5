//! What an import says of itself: the same object for the command, the API and the pages.

use serde_json::{Value, json};

use crate::imports::{Action, Kind, Problem};
use crate::values::Day;

/// What was understood of one file, alone.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    pub name: String,
    pub kind: Option<Kind>,
    pub sheet: Option<String>,
    /// Rows that are data, whatever became of them.
    pub rows_read: u64,
    pub accepted: u64,
    pub skipped: u64,
    pub repaired: u64,
    pub duplicates: u64,
    /// Blank rows, repeated headings, sums, notes below the list.
    pub ignored: u64,
    /// Heading and what it was understood as; `None` is not understood.
    pub columns: Vec<(String, Option<&'static str>)>,
    pub first_day: Option<i32>,
    pub last_day: Option<i32>,
}

impl FileReport {
    #[inline]
    pub fn tell_day(&mut self, day: i32) {
        self.first_day = Some(self.first_day.map_or(day, |first| first.min(day)));
        self.last_day = self.last_day.max(Some(day));
    }

    /// More than a tenth of a file of fifty rows or more is bad: it is not what it seems (business §23).
    pub fn is_too_bad(&self) -> bool {
        50 <= self.rows_read && self.rows_read < self.skipped * 10
    }
}

/// What the whole batch comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub customers_total: i64,
    pub customers_created: i64,
    pub customers_created_from_history: i64,
    pub customers_updated: i64,
    pub deliveries_total: i64,
    pub deliveries_created: i64,
    /// Deliveries a later file or the database knew already, and rows that repeat one of their own file.
    pub deliveries_duplicates: i64,
    /// Deliveries that were there and now know more.
    pub deliveries_completed: i64,
    pub visits_created: i64,
}

#[derive(Clone, Debug, Default)]
pub struct Report {
    pub files: Vec<FileReport>,
    pub counts: Counts,
    pub problems: Vec<Problem>,
    /// Accounts served nearly every day: code and how many days.
    pub walk_ins: Vec<(String, i64)>,
    pub applied: bool,
    pub import_id: Option<i64>,
}

impl Report {
    /// Everything but the problems, which are many: what is kept with the import.
    pub fn head(&self) -> Value {
        let day = |number: Option<i32>| number.and_then(Day::from_number).map(|day| day.to_string());
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|file| {
                json!({
                    "name": file.name,
                    "kind": file.kind.map(Kind::word),
                    "sheet": file.sheet,
                    "rows_read": file.rows_read,
                    "accepted": file.accepted,
                    "skipped": file.skipped,
                    "repaired": file.repaired,
                    "duplicates": file.duplicates,
                    "ignored": file.ignored,
                    "columns": file.columns.iter().map(|(heading, meaning)| json!({"heading": heading, "meaning": meaning})).collect::<Vec<_>>(),
                    "first_on": day(file.first_day),
                    "last_on": day(file.last_day),
                })
            })
            .collect();
        let counts = &self.counts;
        json!({
            "files": files,
            "customers": {
                "total": counts.customers_total,
                "created": counts.customers_created,
                "created_from_history": counts.customers_created_from_history,
                "updated": counts.customers_updated,
            },
            "deliveries": {
                "total": counts.deliveries_total,
                "created": counts.deliveries_created,
                "duplicates": counts.deliveries_duplicates,
                "completed": counts.deliveries_completed,
            },
            "visits": {"created": counts.visits_created},
            "walk_in_proposals": self.walk_ins.iter().map(|(code, days)| json!({"code": code, "days": days})).collect::<Vec<_>>(),
        })
    }

    /// The whole object `luckygas import --json` prints.
    pub fn to_json(&self) -> Value {
        let mut whole = self.head();
        whole["problems"] = self.problems.iter().map(|problem| self.problem_json(problem)).collect();
        whole["applied"] = self.applied.into();
        whole["import_id"] = self.import_id.into();
        whole
    }

    fn problem_json(&self, problem: &Problem) -> Value {
        let file = self.files.get(problem.file);
        json!({
            "file": file.map(|file| &file.name),
            "sheet": file.and_then(|file| file.sheet.as_ref()),
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "kind": problem.kind,
            "action": problem.action.word(),
            "count": problem.count,
        })
    }

    /// The problems by kind and action, the gravest first, each with its first place.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group> = Vec::new();
        for problem in &self.problems {
            let same = |group: &&mut Group| {
                group.first.kind == problem.kind && group.first.action == problem.action && group.first.file == problem.file
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.count += i64::from(problem.count),
                None => groups.push(Group { first: problem, count: i64::from(problem.count) }),
            }
        }
        let weight = |action: Action| match action {
            Action::Skip => 0,
            Action::DropCell => 1,
            Action::Stub => 2,
            Action::Duplicate => 3,
            Action::Keep => 4,
            Action::Repair => 5,
        };
        groups.sort_by_key(|group| (weight(group.first.action), group.first.file, -group.count));
        groups
    }
}

/// Problems of one kind in one file.
pub struct Group<'a> {
    pub first: &'a Problem,
    pub count: i64,
}

/// What a kind of problem is called, and what is wrong or done in a few words.
pub fn kind_label(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "bad_date" => ("日期不對", "沒有這一天，或不在民國 60 年到一年後之間"),
        "missing_date" => ("沒有日期", "不知道是哪一天"),
        "formula_no_value" => ("公式沒有結果", "請在 Excel 重算後存檔"),
        "missing_code" => ("沒有客戶編號", "不知道是哪一位"),
        "bad_code" => ("編號看不懂", "編號只有數字、英文、- 和 _"),
        "swapped_code_date" => ("編號和日期對調", "不猜，請改好再匯入"),
        "duplicate_exact" | "duplicate" => ("重複的列", "同一客戶同一天已有一筆"),
        "duplicate_after_repair" => ("重複的列（寫法不同）", "改好後和另一列相同"),
        "duplicate_conflict" => ("同一客戶出現兩次", "內容不同，以第一列為準"),
        "not_in_client_list" => ("不在客戶資料裡", "用紀錄裡的名稱建立暫存客戶"),
        "unknown_code" => ("不認得的客戶", "先建立暫存客戶"),
        "blank_name" => ("名稱空白", "改用抬頭或客戶編號"),
        "error_cell" => ("儲存格是錯誤值", "#N/A 之類，當作沒有寫"),
        "bad_number" => ("不是數字", "留原文、不採用"),
        "date_in_number" => ("數字欄裡是日期", "留原文、不採用"),
        "fractional_count" | "fractional_quantity" => ("數量不是整數", "鋼瓶不能有半支"),
        "bad_quantity" => ("數量看不懂", "當作不知道"),
        "bad_flag" => ("打勾欄看不懂", "當作沒有寫"),
        "bad_time" => ("時間看不懂", "當作不知道"),
        "bad_phone" => ("電話看不懂", "留在原始資料裡"),
        "closed_text" => ("公休日看不懂", "照原文顯示，不擋排程"),
        "unknown_word" => ("沒有見過的寫法", "照預設處理，請看一下"),
        "outlier" => ("數字很大", "照收，請看一下"),
        "too_long" => ("文字太長", "照長度上限收下"),
        "orphan_client" => ("找不到客戶", "舊系統裡沒有這位客戶"),
        "unknown_status" => ("狀態看不懂", "不知道有沒有送到"),
        "client_duplicate_code_with_space" => ("編號多了空白", "和另一列是同一位客戶"),
        "client_null_short_name" => ("沒有簡稱", "改用抬頭或客戶編號"),
        "client_trailing_spaces" | "trailing_spaces" => ("前後有空白", "去掉空白"),
        "walk_in" => ("幾乎天天有配送", "像是散客帳號，請確認"),
        "big5_undecodable" => ("有認不出的字", "備註裡以 〓 標出"),
        "big5_eudc" => ("有自造字", "備註裡以 〓 標出"),
        "text_code" | "code_spaces" | "fullwidth_code" | "invisible_chars" => ("編號寫法不同", "改成一般寫法"),
        "text_date" | "slash_roc_text" | "fullwidth_date" | "real_date" | "roc_text_date" | "other_calendar" => {
            ("日期寫法不同", "讀得懂，改成一般寫法")
        }
        "odd_time" => ("時間寫法不同", "讀得懂，改成一般寫法"),
        "text_number" | "fullwidth_quantity" => ("數字寫成文字", "改成數字"),
        "flag_variant" => ("打勾寫法不同", "改成 V 或 X"),
        "area_variant" => ("區域寫法不同", "改成一樣的寫法"),
        "status_lower_case" => ("狀態寫法不同", "改成一般寫法"),
        "fullwidth_phone" | "fullwidth_cylinders" => ("全形字", "改成半形"),
        _ => ("其他", "請看一下"),
    }
}
