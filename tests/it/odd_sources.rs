//! What lies among the logs and is no log: it is named or set apart, and never stops a run.

use std::fs;
use std::path::Path;
use std::process::Command;

use rolechain::source;

#[cfg(unix)]
#[test]
fn pipes_and_sockets_in_a_directory_are_named_and_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("log.json"), "{}").unwrap();
    std::os::unix::fs::symlink("log.json", at("link.json")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.json")).unwrap();
    let mut odd = vec![at("socket.json")];
    if Command::new("mkfifo").arg(at("pipe.json")).status().is_ok_and(|status| status.success()) {
        odd.insert(0, at("pipe.json"));
    } else {
        eprintln!("only sockets are tried: there is no mkfifo");
    }
    let listing = source::list(&[text(folder.path())]).unwrap();
    let found: Vec<&str> = listing.objects.iter().filter_map(|object| object.name.rsplit('/').next()).collect();
    assert_eq!(found, ["link.json", "log.json"]);
    let expected: Vec<_> = odd.iter().map(|path| (text(path), "not a regular file".to_owned())).collect();
    assert_eq!(listing.unreadable, expected);
}

#[cfg(unix)]
fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
