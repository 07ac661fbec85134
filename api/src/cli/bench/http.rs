//! The least HTTP client that can measure: one kept connection, one request after another.

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Posts a GraphQL operation; answers the body.
    pub async fn post(&mut self, token: Option<&str>, body: &str) -> anyhow::Result<String> {
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept: application/json\r\n{token}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.answer(&request).await
    }

    /// Asks for a path; answers the body.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<String> {
        self.answer(&format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n")).await
    }

    async fn answer(&mut self, request: &str) -> anyhow::Result<String> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            let mut chunk = [0; 16 * 1024];
            let size = self.stream.read(&mut chunk).await?;
            if size == 0 {
                bail!("the server closed the connection");
            }
            self.buffer.extend_from_slice(&chunk[..size]);
            let Some(head) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let headers = String::from_utf8_lossy(&self.buffer[..head]).to_lowercase();
            let length = headers.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.context("the answer has no length")?.trim().parse()?;
            if self.buffer.len() >= head + 4 + length {
                return Ok(String::from_utf8_lossy(&self.buffer[head + 4..head + 4 + length]).into_owned());
            }
        }
    }
}
