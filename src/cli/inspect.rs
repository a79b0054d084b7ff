//! `guanlan inspect`: what the program understands of a feed, a page, a date, an address. Asks no
//! server and stores nothing; made to be driven by test suites, so that one bad request never ends it.

mod answer;
mod request;

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::exit::{Done, Failure};
use super::settings::Context;
use request::Request;

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(value_enum, value_name = "OP")]
    operation: Operation,
    #[arg(value_name = "JSON")]
    request: Option<String>,
    #[arg(long)]
    jsonl: bool,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Operation {
    Feed,
    Robots,
    Decode,
    Article,
    Date,
    Url,
    Guard,
    Render,
}

/// One answer, with the `id` as it was asked.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Box<RawValue>>,
    #[serde(flatten)]
    fields: Value,
}

/// Answers one request, or one a line until there are no more.
pub(super) fn inspect(context: &Context, options: &Options) -> Result<Done, Failure> {
    if options.jsonl {
        return every_line(options.operation);
    }
    let typed = match &options.request {
        Some(request) => request.clone().into_bytes(),
        None => {
            let mut read = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut read).map_err(Failure::outside)?;
            read
        }
    };
    let answer = answer_line(options.operation, &typed);
    let shown = serde_json::to_string_pretty(&answer).map_err(Failure::outside)?;
    println!("{shown}");
    match answer.fields.get("error").and_then(Value::as_str) {
        Some(error) => {
            let what = context.say("没有看懂", "not understood");
            Err(Failure::Usage(format!("{what}: {error}")))
        }
        None => Ok(Done::Yes),
    }
}

/// One request a line in, one answer a line out, each sent at once: whoever asks may wait for it.
fn every_line(operation: Operation) -> Result<Done, Failure> {
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Failure::outside)? == 0 {
            return Ok(Done::Yes);
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = serde_json::to_string(&answer_line(operation, &line)).map_err(Failure::outside)?;
        match writeln!(output, "{answer}").and_then(|()| output.flush()) {
            // Whoever asked may have heard enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(Done::Yes),
            written => written.map_err(Failure::outside)?,
        }
    }
}

fn answer_line(operation: Operation, line: &[u8]) -> Answer {
    let request = match Request::read(line) {
        Ok(request) => request,
        Err(error) => return Answer { id: None, fields: json!({ "id": null, "error": error }) },
    };
    // Nothing below panics that we know of; a driver must get its answer even so.
    let answered = catch_unwind(AssertUnwindSafe(|| answer::answer(operation, &request)));
    let fields = match answered {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => json!({ "error": error }),
        Err(_) => json!({ "error": "the program failed at this request; please report it" }),
    };
    Answer { id: request.id().map(ToOwned::to_owned), fields }
}
