//! The default handler, for requests that match no route.

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::{OpenApi, PathItem};

use crate::error::ApiError;

/// All paths with their methods. They are read from the API's description, so they always match the
/// handlers.
#[derive(Clone)]
pub(crate) struct Routes(Vec<(ResourceDef, Vec<Method>)>);

impl Routes {
    pub(crate) fn new(document: &OpenApi) -> Self {
        let route =
            |(path, item): (&String, &PathItem)| (ResourceDef::new(path.as_str()), methods(item));
        Self(document.paths.paths.iter().map(route).collect())
    }

    fn methods_of(&self, path: &str) -> Option<Vec<Method>> {
        self.0.iter().find(|(route, _)| route.is_match(path)).map(|(_, methods)| methods.clone())
    }
}

fn methods(item: &PathItem) -> Vec<Method> {
    let offered = [
        (Method::GET, item.get.is_some()),
        (Method::HEAD, item.get.is_some()),
        (Method::POST, item.post.is_some()),
        (Method::PUT, item.put.is_some()),
        (Method::PATCH, item.patch.is_some()),
        (Method::DELETE, item.delete.is_some()),
    ];
    offered.into_iter().filter(|(_, is_offered)| *is_offered).map(|(method, _)| method).collect()
}

/// Fails because the path does not exist or does not support the method.
pub(crate) async fn respond(
    request: HttpRequest,
    routes: web::Data<Routes>,
) -> Result<HttpResponse, ApiError> {
    match routes.methods_of(request.path()) {
        Some(allowed) => {
            Err(ApiError::MethodNotAllowed { method: request.method().clone(), allowed })
        }
        None => Err(ApiError::NotFound(request.path().to_owned())),
    }
}
