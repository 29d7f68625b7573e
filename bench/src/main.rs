//! Measures the embedded gateway against a bare hyper proxy, run by run, and prints the ratios.
//!
//! `solar-system-bench [PROGRAM] [ROUNDS]`; `bare PORT UPSTREAM` is the proxy, in a process of its own.

mod bare;
mod load;
mod process;
mod stub;
mod tokens;

use load::Load;
use process::Running;
use std::error::Error;
use tokens::Mint;

/// How many requests a run has, and how many come before it.
const REQUESTS: usize = 12_000;
const WARM: usize = 1_000;
const ROUNDS: usize = 9;
const TOKENS: usize = 5_000;

/// A row of the table: its name, what is answered, and the goal.
struct Row {
    name: &'static str,
    tokens: Vec<String>,
    status: u16,
    goal: f64,
    ratios: Vec<f64>,
    micros: Vec<f64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [kind, port, upstream] = &arguments[..]
        && kind == "bare"
    {
        return bare::serve(port.parse()?, upstream).await;
    }
    let program = arguments
        .first()
        .map_or("target/release/solar-system", String::as_str);
    let rounds = arguments.get(1).map_or(Ok(ROUNDS), |text| text.parse())?;

    let mint = Mint::new()?;
    let (issuer, api) = (stub::issuer(mint.jwks()).await?, stub::api().await?);
    eprintln!("signing tokens …");
    let mut rows = rows(&mint, &issuer, rounds)?;
    let bare = Running::bare(&api).await?;
    let gateway = Running::gateway(program, &issuer, &api).await?;
    for round in 0..rounds {
        for row in &mut rows {
            let warm = Load::new(&row.tokens[..row.tokens.len().min(TOKENS)], row.status);
            let run = if row.name == "every token new" {
                &row.tokens[round * REQUESTS..][..REQUESTS]
            } else {
                warm.run(&gateway, WARM.max(row.tokens.len())).await?;
                &row.tokens[..]
            };
            let open = Load::new(run, 200);
            open.run(&bare, WARM).await?;
            let reference = open.run(&bare, REQUESTS).await?;
            let measured = Load::new(run, row.status).run(&gateway, REQUESTS).await?;
            row.ratios.push(measured / reference);
            row.micros.push(measured);
        }
        eprintln!("round {} of {rounds}", round + 1);
    }
    print(&mut rows);
    Ok(())
}

fn rows(mint: &Mint, issuer: &str, rounds: usize) -> Result<Vec<Row>, Box<dyn Error>> {
    let row = |name, tokens, status, goal| Row {
        name,
        tokens,
        status,
        goal,
        ratios: Vec::new(),
        micros: Vec::new(),
    };
    let scope = tokens::SCOPE;
    let many = mint.tokens(issuer, scope, TOKENS)?;
    Ok(vec![
        row("one token", many[..1].to_vec(), 200, 1.25),
        row("5,000 tokens", many, 200, 1.4),
        row(
            "every token new",
            mint.tokens(issuer, scope, rounds * REQUESTS)?,
            200,
            2.1,
        ),
        row("scope missing", mint.tokens(issuer, "openid", 1)?, 403, 0.5),
        row("no token", vec![String::new()], 401, 0.45),
    ])
}

fn print(rows: &mut [Row]) {
    println!("| what | CPU to the bare proxy | quartiles | goal | µs |");
    println!("| --- | --- | --- | --- | --- |");
    for row in rows {
        row.ratios.sort_by(f64::total_cmp);
        row.micros.sort_by(f64::total_cmp);
        let at =
            |values: &[f64], part: f64| values[((values.len() - 1) as f64 * part).round() as usize];
        println!(
            "| {} | {:.2} | {:.2}-{:.2} | {:.2} | {:.0} |",
            row.name,
            at(&row.ratios, 0.5),
            at(&row.ratios, 0.25),
            at(&row.ratios, 0.75),
            row.goal,
            at(&row.micros, 0.5),
        );
    }
}
