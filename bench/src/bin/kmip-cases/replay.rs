//! A case, sent step by step.

use kmip::{Encoding, ttlv::Kind};

use crate::{
    case::{Case, Step},
    compare::{Now, compare},
    tree::{Leaf, LeafContent, Node},
    values::Values,
    variations::Objects,
};

/// A connection to a server.
pub(crate) trait Link {
    /// Sends a message and reads its answer.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, String>;
}

/// What lasts from case to case.
pub(crate) struct Run<'c> {
    objects: Objects,
    clock: &'c dyn Fn() -> i64,
    began: i64,
}

/// How far the server's clock may be from ours, in seconds.
const CLOCKS_MAX: i64 = 5;

/// What made a case fail.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The step, from 0 as the cases count them.
    pub(crate) step: usize,
    /// What differs.
    pub(crate) why: String,
    /// What was sent, what should have come back and what did, in XML.
    pub(crate) messages: Vec<(&'static str, String)>,
}

impl<'c> Run<'c> {
    /// A run that begins now. `clock` answers seconds since 1970.
    pub(crate) fn new(clock: &'c dyn Fn() -> i64) -> Self {
        Self { objects: Objects::default(), clock, began: clock() }
    }

    /// Replays a case over a connection. Answers what there was beyond the case's answers, where
    /// that is allowed.
    ///
    /// What follows a step that failed is still sent, so that the case puts its things away.
    ///
    /// # Errors
    /// The first step that failed.
    pub(crate) fn replay(
        &mut self,
        case: &Case,
        link: &mut dyn Link,
        encoding: Encoding,
    ) -> Result<Vec<String>, Failure> {
        let mut values = Values::default();
        let mut beyond = Vec::new();
        let mut steps = case.steps.iter().enumerate();
        let failed = steps.by_ref().find_map(|(number, step)| {
            match self.step(step, &mut values, link, encoding) {
                Ok(more) => {
                    beyond.extend(more.into_iter().map(|it| format!("step {number}: has {it}")));
                    None
                }
                Err(failure) => Some(Failure { step: number, ..failure }),
            }
        });
        let Some(failure) = failed else { return Ok(beyond) };
        for (_, step) in steps {
            let request = values.fill(&step.request, (self.clock)()).and_then(|it| it.item());
            let Ok(Ok(bytes)) = request.map(|request| encoding.encode(&request)) else { continue };
            if link.exchange(bytes.expose()).is_err() {
                break;
            }
        }
        Err(failure)
    }

    fn step(
        &mut self,
        step: &Step,
        values: &mut Values,
        link: &mut dyn Link,
        encoding: Encoding,
    ) -> Result<Vec<String>, Failure> {
        let failed = |why, messages| Failure { step: 0, why, messages };
        let request = values.fill(&step.request, (self.clock)());
        let request = request.map_err(|why| failed(why, vec![]))?;
        let sent = vec![("sent", shown(&request)), ("should come back", shown(&step.response))];
        let answer = request
            .item()
            .and_then(|item| encoding.encode(&item).map_err(|why| why.to_string()))
            .and_then(|bytes| link.exchange(bytes.expose()));
        let answer = match answer {
            Ok(bytes) => encoding.decode(&bytes),
            Err(why) => return Err(failed(why, sent)),
        };
        let answer = match answer {
            Ok(item) => Node::from(&item),
            Err(why) => return Err(failed(format!("no message came back: {why}"), sent)),
        };
        let now = Now(self.began - CLOCKS_MAX, (self.clock)() + CLOCKS_MAX);
        let outcome = compare(&request, &step.response, &answer, values, &mut self.objects, now);
        outcome.map_err(|why| {
            let came = ("came back", shown(&answer));
            failed(why, sent.into_iter().chain([came]).collect())
        })
    }
}

/// A message in XML. Variables are shown as texts of their names.
fn shown(message: &Node) -> String {
    let named = message.map(&mut |tag, leaf: &Leaf| {
        let text = match &leaf.content {
            LeafContent::Variable(_) | LeafContent::Now(_) => leaf.named(tag),
            _ => return Ok(leaf.clone()),
        };
        Ok::<_, String>(Leaf { kind: Kind::TextString, content: LeafContent::Text(text) })
    });
    let item = named.and_then(|message| message.item());
    let xml = item.and_then(|item| kmip::xml::encode(&item).map_err(|why| why.to_string()));
    xml.map_or_else(|why| why, |xml| xml.as_str().to_owned())
}
