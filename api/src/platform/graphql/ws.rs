//! Subscriptions over `graphql-transport-ws`.

use actix_web::HttpResponse;

pub async fn handle() -> HttpResponse {
    HttpResponse::NotImplemented().finish()
}
