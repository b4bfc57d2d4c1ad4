use std::error::Error;
use std::path::Path;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = std::env::var("ENGAGE_SECRET")?;
    let post = Box::new(|text| println!("{text}"));
    let engage = own_server::assemble(Path::new("var"), &secret, post)?;
    Ok(engage.serve_at("127.0.0.1:3000".parse()?).await?)
}
