use std::io::Read;

use domain::ArchiveEvent;
use domain::kernel::DocumentId;
use entities::archive::{self, Document};
use entities::kernel::{Broken, Change, Tx};

use crate::platform::Outcome;
use crate::platform::files::spool::Received;
use crate::refuse;

/// A piece of a file.
const PIECE: u64 = 1 << 20;
/// The longest name, in letters.
const NAME: usize = 150;

/// What a document's file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    Pdf,
    Jpeg,
    Png,
}

impl FileType {
    /// By the beginning of its content: what a file is called says nothing.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            _ => None,
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// How names of such files end; the first is given to one that ends otherwise.
    const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &[".pdf"],
            Self::Jpeg => &[".jpg", ".jpeg"],
            Self::Png => &[".png"],
        }
    }
}

/// The file of a registered document.
pub struct AttachFile {
    pub document: DocumentId,
    /// As it was called where it came from.
    pub name: String,
    pub kind: FileType,
    pub file: Received,
}

/// Attaches the file of a document: once. The same file again gives the same answer, another one is refused.
pub async fn attach_file(tx: &mut Tx, cmd: AttachFile) -> Outcome<Document> {
    let Some(document) = archive::lock(tx, cmd.document.0).await? else { refuse!("NOT_FOUND") };
    if let Some(there) = &document.file_sha256 {
        if *there != cmd.file.sha256 {
            refuse!("DOCUMENT_HAS_FILE");
        }
        tx.nothing_new("the same file again");
        return Ok(Ok(document));
    }

    let mut file = cmd.file.file;
    for part in 0.. {
        let mut data = Vec::new();
        let read = (&mut file).take(PIECE).read_to_end(&mut data);
        if read.map_err(|error| Broken::Custom(format!("the file can't be read: {error}")))? == 0 {
            break;
        }
        archive::put_part(tx, document.id, part, data).await?;
    }
    let name = name_of(&cmd.name, &document.number, cmd.kind);
    let file = archive::NewFile {
        name: &name,
        content_type: cmd.kind.content_type(),
        bytes: cmd.file.bytes as i64,
        sha256: cmd.file.sha256,
    };
    let after = serde_json::json!({
        "file": file.name, "type": file.content_type, "bytes": file.bytes, "sha256": hex::encode(&file.sha256),
    });
    let document = archive::attach(tx, document.id, file).await?;
    tx.audit(Change::new("document", document.id, "file_attached").after(after));
    tx.emit(ArchiveEvent::FileAttached { document: cmd.document });
    Ok(Ok(document))
}

/// The name without folders and signs that no name needs; it ends as the content says.
fn name_of(given: &str, number: &str, kind: FileType) -> String {
    let own = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(NAME).collect::<String>();
    let name = match clean(own).trim() {
        "" => clean(number).replace(['/', '\\'], "-"),
        name => name.to_owned(),
    };
    let lower = name.to_lowercase();
    let [first, ..] = kind.extensions() else { return name };
    if kind.extensions().iter().any(|end| lower.ends_with(end)) { name } else { format!("{name}{first}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_as_the_content_says() {
        for (given, name) in [
            ("приказ 12.pdf", "приказ 12.pdf"),
            ("C:\\scans\\Order.PDF", "Order.PDF"),
            ("../../etc/passwd", "passwd.pdf"),
            ("act.exe", "act.exe.pdf"),
            ("a\r\nb.pdf", "ab.pdf"),
            ("", "12-ө.pdf"),
        ] {
            assert_eq!(name_of(given, "12/ө", FileType::Pdf), name, "{given}");
        }
        assert_eq!(name_of("scan.jpeg", "1", FileType::Jpeg), "scan.jpeg");
    }

    #[test]
    fn content_says_what_a_file_is() {
        for (head, kind) in [
            (&b"%PDF-1.7\n"[..], Some(FileType::Pdf)),
            (b"\xFF\xD8\xFF\xE0", Some(FileType::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0", Some(FileType::Png)),
            (b"PK\x03\x04", None),
            (b"<html>%PDF-", None),
            (b"", None),
        ] {
            assert_eq!(FileType::of(head), kind, "{head:?}");
        }
    }
}
