//! SQLite's locks do not reach over a network: two PCs, or one whose line drops, can spoil a file that lies on another.
//! Copies may lie there, the shop's own file may not.

use std::path::Path;

use crate::error::{Error, Result};

/// `Refused` when `folder` lies on another computer.
pub fn check(folder: &Path) -> Result<()> {
    // Where the system does not say where it lies, nothing is said.
    let Ok(folder) = folder.canonicalize() else { return Ok(()) };
    match kind(&folder) {
        None => Ok(()),
        Some(kind) => {
            let say = format!(
                "「{}」在網路磁碟上（{kind}），資料檔放在那裡會壞。請換成這台電腦硬碟裡的資料夾；備份才放網路磁碟。",
                folder.display()
            );
            Err(Error::refused(super::rule::NETWORK, say))
        }
    }
}

/// A share is known by the name the system gives it in full, a mapped letter too.
#[cfg(windows)]
fn kind(folder: &Path) -> Option<String> {
    use std::path::{Component, Prefix};
    match folder.components().next()? {
        Component::Prefix(prefix) => match prefix.kind() {
            Prefix::UNC(server, _) | Prefix::VerbatimUNC(server, _) => Some(server.to_string_lossy().into_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// Linux lists what is mounted where; of other systems nothing is known.
#[cfg(not(windows))]
fn kind(folder: &Path) -> Option<String> {
    kind_in(&std::fs::read_to_string("/proc/self/mounts").ok()?, folder)
}

/// The file systems of other computers.
#[cfg(any(not(windows), test))]
const REMOTE: [&str; 20] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "davfs",
    "ocfs2",
    "gfs2",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.davfs2",
    "fuse.glusterfs",
    "fuse.s3fs",
    "fuse.smbnetfs",
    "fuse.gvfsd-fuse",
];

/// What `mounts`, as `/proc/mounts` is written, says of where `folder` lies; `None` for a disk of this computer.
#[cfg(any(not(windows), test))]
fn kind_in(mounts: &str, folder: &Path) -> Option<String> {
    let mut found: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut words = line.split(' ');
        let (Some(_), Some(at), Some(kind)) = (words.next(), words.next(), words.next()) else { continue };
        // A blank in a name is written as its number.
        let at = at.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
        // Of two at one place the later lies on top.
        if folder.starts_with(&at) && found.is_none_or(|(length, _)| length <= at.len()) {
            found = Some((at.len(), kind));
        }
    }
    found.map(|(_, kind)| kind).filter(|kind| REMOTE.contains(kind)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_another_computer_is_known() {
        let mounts = "/dev/sda1 / ext4 rw 0 0\n\
                      proc /proc proc rw 0 0\n\
                      nas:/shop /mnt/nas nfs4 rw 0 0\n\
                      //nas/gas /mnt/the\\040share cifs rw 0 0\n\
                      boss@home: /home/boss/far fuse.sshfs rw 0 0\n\
                      /dev/sdb1 /mnt/nas/stick vfat rw 0 0\n\
                      nas:/old /data nfs rw 0 0\n\
                      /dev/sdc1 /data ext4 rw 0 0\n";
        for (folder, kind) in [
            ("/home/boss/shop", None),
            ("/mnt/nas", Some("nfs4")),
            ("/mnt/nas/shop/data", Some("nfs4")),
            ("/mnt/nasty", None),
            ("/mnt/nas/stick/shop", None),
            ("/mnt/the share/shop", Some("cifs")),
            ("/home/boss/far/shop", Some("fuse.sshfs")),
            ("/data/shop", None),
        ] {
            assert_eq!(kind_in(mounts, Path::new(folder)).as_deref(), kind, "{folder}");
        }
        assert_eq!(kind_in("", Path::new("/data")), None);
    }

    #[test]
    fn this_computers_own_disk_is_fine() {
        assert!(check(&std::env::temp_dir()).is_ok());
        assert!(check(Path::new("/no/such/folder")).is_ok());
    }
}
