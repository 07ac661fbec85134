//! A file that came, made ready to be read as lines: text of any encoding, or the sheet of a workbook.

use std::fs::File;
use std::io::{self, Read, Seek};

use super::workbook::{self, Unreadable};
use crate::platform::files::spool::Received;

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

/// A whole file, ready to be read once.
pub struct Spooled {
    file: File,
    pub sha256: Vec<u8>,
    /// Not UTF-8: read as windows-1251, as old programs still write.
    pub legacy_encoding: bool,
    /// Rows of a workbook: each begins with its number in the sheet.
    numbered: bool,
}

impl Spooled {
    /// What a file is, its content says; its name is not asked.
    pub async fn read(received: Received) -> Result<Self, Unreadable> {
        let Received { mut file, sha256, .. } = received;
        let mut head = [0; 8];
        let count = file.read(&mut head)?;
        file.rewind()?;
        if workbook::looks_like(&head[..count]) {
            let file = workbook::unroll(file).await?;
            return Ok(Self { file, sha256, legacy_encoding: false, numbered: true });
        }
        let (file, legacy_encoding) = tokio::task::spawn_blocking(move || {
            let legacy = !Utf8::of(&mut file)?;
            io::Result::Ok((file, legacy))
        })
        .await
        .map_err(io::Error::other)??;
        Ok(Self { file, sha256, legacy_encoding, numbered: false })
    }

    pub async fn of(bytes: &[u8]) -> Result<Self, Unreadable> {
        Self::read(Received::of(bytes).await.map_err(io::Error::other)?).await
    }

    pub fn text(self) -> Text {
        Text {
            file: self.file,
            legacy_encoding: self.legacy_encoding,
            numbered: self.numbered,
            raw: vec![0; CHUNK],
            ready: Vec::new(),
            at: 0,
            first: true,
            after_return: false,
            ended: false,
        }
    }
}

/// Whether bytes are UTF-8, told while they pass.
#[derive(Debug, Default)]
struct Utf8 {
    wrong: bool,
    /// The beginning of a letter whose end comes with the next bytes.
    rest: Vec<u8>,
}

impl Utf8 {
    /// Looks at a file and leaves it at its beginning.
    fn of(file: &mut File) -> io::Result<bool> {
        let (mut utf8, mut buffer) = (Self::default(), vec![0; CHUNK]);
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 || utf8.wrong {
                break;
            }
            utf8.push(&buffer[..count]);
        }
        file.rewind()?;
        Ok(utf8.whole())
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.wrong {
            return;
        }
        let joined;
        let bytes = if self.rest.is_empty() {
            bytes
        } else {
            joined = [self.rest.as_slice(), bytes].concat();
            &joined
        };
        let rest = match std::str::from_utf8(bytes) {
            Ok(_) => Vec::new(),
            Err(error) => {
                self.wrong = error.error_len().is_some();
                bytes[error.valid_up_to()..].to_vec()
            }
        };
        self.rest = if self.wrong { Vec::new() } else { rest };
    }

    fn whole(&self) -> bool {
        !self.wrong && self.rest.is_empty()
    }
}

/// A file as UTF-8 whose lines all end in `\n`, the last one too; its byte order mark is gone.
pub struct Text {
    file: File,
    legacy_encoding: bool,
    pub numbered: bool,
    raw: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    first: bool,
    after_return: bool,
    ended: bool,
}

impl Text {
    /// The first line that is not empty, looked at and not taken; of one longer than a chunk its beginning.
    pub fn head(&mut self) -> io::Result<String> {
        self.fill()?;
        let text = String::from_utf8_lossy(&self.ready[self.at..]);
        Ok(text.lines().find(|line| !line.is_empty()).unwrap_or_default().to_owned())
    }

    /// Gets some bytes ready, unless there are none any more.
    fn fill(&mut self) -> io::Result<()> {
        while self.at == self.ready.len() && !self.ended {
            let count = self.file.read(&mut self.raw)?;
            let last = self.ready.last().copied();
            self.ready.clear();
            self.at = 0;
            if count == 0 {
                self.ended = true;
                if last.is_some_and(|byte| byte != b'\n') {
                    self.ready.push(b'\n');
                }
                return Ok(());
            }
            let mut raw = &self.raw[..count];
            if std::mem::take(&mut self.first) {
                raw = raw.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(raw);
            }
            let decoded;
            if self.legacy_encoding {
                // One byte is one letter: a chunk can be read without its neighbours.
                decoded = encoding_rs::WINDOWS_1251.decode_without_bom_handling(raw).0;
                raw = decoded.as_bytes();
            }
            for &byte in raw {
                let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
                match byte {
                    b'\r' => self.ready.push(b'\n'),
                    b'\n' if after_return => {}
                    _ => self.ready.push(byte),
                }
            }
            if self.ready.is_empty() {
                // Only the second half of a line's end came: the line before has ended.
                self.ready.push(b'\n');
                self.at = 1;
            }
        }
        Ok(())
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let count = buffer.len().min(self.ready.len() - self.at);
        buffer[..count].copy_from_slice(&self.ready[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> (String, bool) {
        let spooled = Spooled::of(bytes).await.unwrap();
        let legacy = spooled.legacy_encoding;
        let mut text = String::new();
        spooled.text().read_to_string(&mut text).unwrap();
        (text, legacy)
    }

    #[test]
    fn a_letter_may_lie_between_two_reads() {
        let kazakh = "Қала".as_bytes();
        for (chunks, whole) in
            [(&[&kazakh[..1], &kazakh[1..4], &kazakh[4..]][..], true), (&[&kazakh[..1]], false)]
        {
            let mut utf8 = Utf8::default();
            chunks.iter().for_each(|chunk| utf8.push(chunk));
            assert_eq!(utf8.whole(), whole);
        }
    }

    #[tokio::test]
    async fn encodings_and_ends_of_lines_become_one() {
        let kazakh = "Қала\n".as_bytes();
        for (bytes, text, legacy) in [
            (&b""[..], "", false),
            (b"a;b", "a;b\n", false),
            (b"\xEF\xBB\xBFa\r\n\r\nb\rc\n", "a\n\nb\nc\n", false),
            (kazakh, "Қала\n", false),
            (&kazakh[..1], "Т\n", true),
            (b"\xD3\xEB\xE8\xF6\xE0\r\n", "Улица\n", true),
        ] {
            assert_eq!(read(bytes).await, (text.to_owned(), legacy), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn an_end_of_line_may_lie_between_two_reads() {
        for before in [CHUNK - 1, CHUNK, CHUNK + 1] {
            let bytes = [vec![b'a'; before], b"\r\nb\r\n".to_vec()].concat();
            let (text, _) = read(&bytes).await;
            assert_eq!(text.len(), before + 3);
            assert!(text.ends_with("a\nb\n"));
        }
    }
}
