//! What the program says stands in files of the data folder too, line for line.

mod support;

#[cfg(unix)]
#[test]
fn the_files_hold_the_lines_of_standard_error() {
    use std::fs;
    use std::time::Duration;
    use support::Folder;
    use support::program::Serving;
    use support::wire::Client;

    let folder = Folder::new();
    let said = folder.0.join("stderr.txt");
    let mut serving = Serving::with_log(&folder.0, fs::File::create(&said).unwrap());
    assert_eq!(Client::open(serving.address).get("/health").status, 200);
    serving.signal("TERM");
    assert!(serving.wait(Duration::from_secs(20)).success());

    let (said, kept) = (fs::read_to_string(&said).unwrap(), fs::read_to_string(folder.0.join("logs/luckygas.log")).unwrap());
    for event in ["serving address=", "request method=GET path=/health status=200", "stopped"] {
        assert!(kept.contains(event), "{event} is missing: {kept}");
    }
    assert!(said.ends_with(&kept), "{said}\n---\n{kept}");

    // The next start adds to it.
    let mut serving = Serving::start(&folder.0);
    serving.signal("TERM");
    assert!(serving.wait(Duration::from_secs(20)).success());
    let both = fs::read_to_string(folder.0.join("logs/luckygas.log")).unwrap();
    assert!(both.starts_with(&kept) && kept.len() < both.len());
}

#[cfg(unix)]
#[test]
fn a_folder_that_takes_no_log_serves_all_the_same() {
    use support::Folder;
    use support::program::Serving;
    use support::wire::Client;

    let folder = Folder::new();
    std::fs::write(folder.0.join("logs"), "in the way").unwrap();
    let serving = Serving::start(&folder.0);
    assert_eq!(Client::open(serving.address).get("/health").status, 200);
}
