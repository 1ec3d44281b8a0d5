//! Where a shop has been, a small file says so: were the shop's own file lost, nobody would be shown the page of a first day.

use std::path::{Path, PathBuf};

use crate::app::App;
use crate::error::Result;

fn path(folder: &Path) -> PathBuf {
    folder.join("luckygas.id")
}

/// Marks the folder of `app`, once somebody has an account there. A practice shop may be taken away like any toy.
pub fn mark(app: &App) -> Result<()> {
    let settings = app.settings();
    let path = path(&app.folder);
    if settings.is_practice || path.exists() || !app.has_users()? {
        return Ok(());
    }
    let say = format!(
        "這個資料夾裡有一間店：{}。\n幸福氣看到這個檔案，就知道 luckygas.db 不見了不是第一次開店。請留著。\n",
        if settings.shop_name.is_empty() { "沒有店名" } else { &settings.shop_name }
    );
    // Copies say the same; a folder that does not take it is spoken of elsewhere.
    if let Err(error) = std::fs::write(path, say) {
        log::warn!("cannot mark the folder: {error}");
    }
    Ok(())
}

/// Whether a shop has been in `folder`.
pub fn is_marked(folder: &Path) -> bool {
    path(folder).exists()
}
