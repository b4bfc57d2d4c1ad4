use std::error::Error;
use std::net::TcpListener;
use std::path::Path;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = std::env::var("ENGAGE_SECRET")?;
    let engage =
        own_server::assemble(Path::new("var"), &secret, Box::new(|text| println!("{text}")))?;
    let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    Ok(engage.serve(TcpListener::bind("127.0.0.1:3000")?, stop).await?)
}
