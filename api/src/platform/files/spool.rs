//! A file on its way in. Its bytes go to a nameless file on disk as they come: whatever its size, the program holds a chunk.

use std::fs::File;
use std::io::{self, Seek};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

/// Files on their way in at a time, so much room they take on disk at most; the others wait.
static ROOM: Semaphore = Semaphore::const_new(8);
/// A sender who is silent for so long has gone.
const SILENCE: Duration = Duration::from_secs(30);

/// Why a body did not become a file.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error("the file is too large")]
    TooLarge,
    #[error("the sender has gone")]
    CutOff,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Takes bytes until the file is whole.
pub struct Spool {
    file: tokio::fs::File,
    hash: Sha256,
    bytes: usize,
    most: usize,
}

/// A whole file as it came, read from its beginning.
pub struct Received {
    pub file: File,
    pub sha256: Vec<u8>,
    pub bytes: usize,
}

impl Spool {
    /// The file has no name: it is gone when nobody holds it, however the program ends.
    pub fn new(most: usize) -> io::Result<Self> {
        let file = tokio::fs::File::from_std(tempfile::tempfile()?);
        Ok(Self { file, hash: Sha256::new(), bytes: 0, most })
    }

    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        if bytes.len() > self.most - self.bytes {
            return Err(SpoolError::TooLarge);
        }
        self.bytes += bytes.len();
        self.hash.update(bytes);
        Ok(self.file.write_all(bytes).await?)
    }

    pub async fn finish(mut self) -> io::Result<Received> {
        self.file.flush().await?;
        let mut file = self.file.into_std().await;
        file.rewind()?;
        Ok(Received { file, sha256: self.hash.finalize().to_vec(), bytes: self.bytes })
    }
}

impl Received {
    pub async fn of(bytes: &[u8]) -> Result<Self, SpoolError> {
        let mut spool = Spool::new(bytes.len())?;
        spool.push(bytes).await?;
        Ok(spool.finish().await?)
    }
}

/// The whole body of a request. What is said to be too large beforehand is not waited for.
pub async fn receive(
    request: &HttpRequest,
    mut body: web::Payload,
    most: usize,
) -> Result<Received, SpoolError> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > most) {
        return Err(SpoolError::TooLarge);
    }
    let _room = ROOM.acquire().await;
    let mut spool = Spool::new(most)?;
    loop {
        match tokio::time::timeout(SILENCE, body.next()).await {
            Ok(Some(Ok(chunk))) => spool.push(&chunk).await?,
            Ok(None) => return Ok(spool.finish().await?),
            Ok(Some(Err(_))) | Err(_) => return Err(SpoolError::CutOff),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_grows_too_large_is_given_up_at_once() {
        let mut spool = Spool::new(10).unwrap();
        spool.push(&[0; 10]).await.unwrap();
        assert!(matches!(spool.push(&[0]).await, Err(SpoolError::TooLarge)));
    }
}
