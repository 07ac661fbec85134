//! The two frontends and the sample files: from the binary in release, from disk where a directory is configured or the build
//! is for development.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::config::Config;

#[derive(RustEmbed)]
#[folder = "../web-admin/dist"]
#[allow_missing = true]
struct Admin;

#[derive(RustEmbed)]
#[folder = "../web-portal/dist"]
#[allow_missing = true]
struct Portal;

#[derive(RustEmbed)]
#[folder = "../tests/samples"]
#[allow_missing = true]
struct Samples;

/// Scripts and connections of our own origin only; Mantine writes style attributes, hence inline styles.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; \
    manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

type Embedded = fn(&str) -> Option<rust_embed::EmbeddedFile>;

/// One tree of files.
enum Source {
    Disk(PathBuf),
    Binary(Embedded),
}

impl Source {
    fn of(configured: Option<&PathBuf>, beside: &str, embedded: Embedded) -> Self {
        match configured {
            Some(path) => Self::Disk(path.clone()),
            None if cfg!(debug_assertions) => {
                Self::Disk(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(beside))
            }
            None => Self::Binary(embedded),
        }
    }

    /// A file by its path below the root; `..` and hidden files do not exist.
    async fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        let plain = Path::new(path).components().all(|part| match part {
            Component::Normal(name) => name.to_str().is_some_and(|name| !name.starts_with('.')),
            _ => false,
        });
        if !plain || path.contains('\\') {
            return None;
        }
        match self {
            Self::Disk(root) => tokio::fs::read(root.join(path)).await.ok().map(Cow::Owned),
            Self::Binary(embedded) => embedded(path).map(|file| file.data),
        }
    }
}

/// What this process serves besides the graph.
pub struct Sites {
    admin: Source,
    portal: Source,
    samples: Source,
}

impl Sites {
    pub fn of(config: &Config) -> Self {
        Self {
            admin: Source::of(config.admin_dist.as_ref(), "web-admin/dist", Admin::get),
            portal: Source::of(config.portal_dist.as_ref(), "web-portal/dist", Portal::get),
            samples: Source::of(config.samples_dir.as_ref(), "tests/samples", Samples::get),
        }
    }
}

pub async fn admin(request: HttpRequest, sites: web::Data<Sites>) -> HttpResponse {
    page(&request, &sites.admin).await
}

pub async fn portal(request: HttpRequest, sites: web::Data<Sites>) -> HttpResponse {
    page(&request, &sites.portal).await
}

/// A sample file to download; tests and the demo import the same ones.
pub async fn samples(request: HttpRequest, sites: web::Data<Sites>) -> HttpResponse {
    let path = request.match_info().query("path");
    if !path.ends_with(".csv") {
        return HttpResponse::NotFound().finish();
    }
    match sites.samples.read(path).await {
        Some(body) => HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .insert_header((header::CONTENT_DISPOSITION, "attachment"))
            .body(body.into_owned()),
        None => HttpResponse::NotFound().finish(),
    }
}

/// A file of a frontend, or its page for every path the frontend routes itself. A missing asset stays missing: a page in its
/// place would hide a broken build behind a syntax error.
async fn page(request: &HttpRequest, source: &Source) -> HttpResponse {
    let path = request.match_info().query("path");
    let (path, body) = match source.read(path).await {
        Some(body) => (path, body),
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.'))
            || path.starts_with("assets/") =>
        {
            return HttpResponse::NotFound().finish();
        }
        None => match source.read("index.html").await {
            Some(body) => ("index.html", body),
            None => {
                return HttpResponse::NotFound()
                    .content_type("text/plain; charset=utf-8")
                    .body("The frontend is not built: npm run build");
            }
        },
    };
    let hashed = path.starts_with("assets/");
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..12]));
    let seen =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes());
    let mut response = if seen { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((
            header::CACHE_CONTROL,
            if hashed { "public, max-age=31536000, immutable" } else { "no-cache" },
        ))
        .content_type(mime_guess::from_path(path).first_or_octet_stream().to_string());
    if seen { response.finish() } else { response.body(body.into_owned()) }
}
