//! A gate client's side of the protocol, without any rules of its own.

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    hash::{Domain, Kind},
    id::{ClaimKey, Epoch, GateId, InstallationId, OperatorId},
    journal::{JournalBody, JournalEntry, JournalHead, SignedJournalHead},
    key::{DeviceKey, RootPublic},
    right::{Authority, RightRef, Use, UseKind},
    sync::{
        BatchAnswer, CarriedJournal, Challenge, Claim, ClaimAnswer, EnrolAnswer, EnrolRequest,
        FeedPage, HEAD_HEADER, JournalBatch, SessionAnswer, SessionRequest, challenge_message,
    },
    time::{TimeInterval, UnixMillis},
    token::decode,
};
use reqwest::{Client, Method, RequestBuilder, Response};

use super::{Installation, Server, client};

/// When all uses happen.
pub(crate) const AT: TimeInterval = TimeInterval::exact(UnixMillis(1_790_000_000_000));

/// The right that a token's text stands for.
pub(crate) fn right_of(installation: InstallationId, text: &str) -> RightRef {
    let body = decode(text).unwrap().token.body;
    RightRef {
        event: body.event,
        serial: body.serial,
        generation: body.generation,
        fingerprint: body.fingerprint(installation, false),
    }
}

/// The entry of a use; `by_hand` where its guest showed no code.
pub(crate) const fn redeemed(used: Use, by_hand: bool) -> JournalBody {
    JournalBody::Redeemed {
        right: used.right,
        kind: used.kind,
        count: used.count,
        claim: used.claim,
        authority: used.authority,
        by_hand,
    }
}

/// An enrolled device.
pub(crate) struct Gate {
    client: Client,
    base: String,
    pub(crate) key: DeviceKey,
    pub(crate) installation: InstallationId,
    pub(crate) root: RootPublic,
    pub(crate) credential: SignedCredential,
    pub(crate) own: Credential,
    pub(crate) token: String,
    head: JournalHead,
    /// What it says of the end of its journal as its session begins.
    pub(crate) head_sent: Option<String>,
}

impl Gate {
    /// Announces a device at the command line, enrols it over HTTP and starts a session.
    pub(crate) async fn enrol(installation: &Installation, server: &Server, gate: u16) -> Self {
        let number = gate.to_string();
        let announced = installation
            .json(&["device", "enrol", "--event", "1", "--gate", &number, "--name", "Lane"]);
        let code = announced["code"].as_str().unwrap();
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        let key = DeviceKey::from_seed(seed);
        let request = EnrolRequest { code: code.to_owned(), public: key.public() };
        let answer = server
            .post("/api/v1/device/enrol", &serde_json::to_value(&request).unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let EnrolAnswer { installation, root, credential } = answer.json().await.unwrap();
        let own = credential.open(&root, installation).unwrap();
        let mut gate = Self {
            client: client(),
            base: server.url(""),
            key,
            installation,
            root,
            credential,
            own,
            token: String::new(),
            head: JournalHead::default(),
            head_sent: None,
        };
        let session = gate.session().await;
        assert!(!session.revoked);
        gate
    }

    /// The same device, where the server listens elsewhere now.
    pub(crate) fn moved_to(self, server: &Server) -> Self {
        Self { base: server.url(""), ..self }
    }

    /// Starts a session.
    pub(crate) async fn session(&mut self) -> SessionAnswer {
        let answer = self.try_session().await;
        assert_eq!(answer.status(), 200);
        let session: SessionAnswer = answer.json().await.unwrap();
        self.token.clone_from(&session.token);
        session
    }

    pub(crate) async fn try_session(&self) -> Response {
        let request = self.client.post(format!("{}/api/v1/device/challenge", self.base));
        let Challenge { challenge } = request.send().await.unwrap().json().await.unwrap();
        let message = challenge_message(self.own.device, &challenge);
        let signature = self.key.sign(Domain::new(Kind::Device, self.installation), &message);
        let credential = self.credential.clone();
        let request = SessionRequest { credential, challenge, signature };
        let url = format!("{}/api/v1/device/session", self.base);
        let mut request = self.client.post(url).json(&request);
        if let Some(head) = &self.head_sent {
            request = request.header(HEAD_HEADER, head);
        }
        request.send().await.unwrap()
    }

    /// Where its journal ends.
    pub(crate) const fn head(&self) -> JournalHead {
        self.head
    }

    /// A request with the session's token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1/device/{path}", self.base);
        self.client.request(method, url).bearer_auth(&self.token)
    }

    /// A use of a right at this gate.
    pub(crate) fn used(&self, right: RightRef, claim: u8) -> Use {
        Use {
            right,
            kind: UseKind::Entry,
            count: 1,
            claim: ClaimKey([claim; 16]),
            gate: self.own.gate,
            device: self.own.device,
            operator: OperatorId(0),
            epoch: Epoch(1),
            at: AT,
            authority: Authority::Server,
        }
    }

    pub(crate) async fn try_claim(&self, used: Use) -> Response {
        let claim = Claim { used, abandons: Vec::new(), by_hand: None };
        self.request(Method::POST, "claims").json(&claim).send().await.unwrap()
    }

    pub(crate) async fn claim(&self, used: Use) -> ClaimAnswer {
        let answer = self.try_claim(used).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// Appends a redemption to the journal and delivers it.
    pub(crate) async fn redeem(&mut self, used: Use) -> BatchAnswer {
        self.deliver_at(used.at, OperatorId(0), redeemed(used, false)).await
    }

    /// Appends an entry to the journal and delivers it.
    pub(crate) async fn deliver(&mut self, operator: OperatorId, body: JournalBody) -> BatchAnswer {
        self.deliver_at(AT, operator, body).await
    }

    /// Appends a redemption to the journal; the batch to deliver.
    pub(crate) fn keep(&mut self, used: Use) -> JournalBatch {
        self.keep_at(used.at, OperatorId(0), redeemed(used, false))
    }

    async fn deliver_at(
        &mut self,
        at: TimeInterval,
        operator: OperatorId,
        body: JournalBody,
    ) -> BatchAnswer {
        let batch = self.keep_at(at, operator, body);
        let answer = self.send(&batch).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// Delivers a batch, whosever it is.
    pub(crate) async fn send(&self, batch: &JournalBatch) -> Response {
        self.request(Method::POST, "journal").json(batch).send().await.unwrap()
    }

    fn keep_at(
        &mut self,
        at: TimeInterval,
        operator: OperatorId,
        body: JournalBody,
    ) -> JournalBatch {
        let entry = JournalEntry {
            device: self.own.device,
            gate: self.own.gate,
            operator,
            epoch: Epoch(1),
            number: self.head.number + 1,
            previous: self.head.hash,
            at,
            body,
        };
        let bytes = entry.encode();
        self.head = JournalEntry::head_of(self.installation, entry.number, &bytes);
        let head =
            SignedJournalHead::sign(self.installation, self.own.device, self.head, &self.key);
        JournalBatch { entries: vec![bytes], head }
    }

    /// The file of its journal, which must be empty so far, with these entries in it.
    pub(crate) fn carry(&mut self, bodies: &[JournalBody]) -> Vec<u8> {
        let mut entries = Vec::new();
        for body in bodies {
            let entry = JournalEntry {
                device: self.own.device,
                gate: self.own.gate,
                operator: OperatorId(0),
                epoch: Epoch(1),
                number: self.head.number + 1,
                previous: self.head.hash,
                at: AT,
                body: *body,
            };
            let bytes = entry.encode();
            self.head = JournalEntry::head_of(self.installation, entry.number, &bytes);
            entries.push(bytes);
        }
        let (signed, device) = (self.credential.clone(), self.own.device);
        CarriedJournal::sign(self.installation, signed, device, &entries, &self.key)
            .unwrap()
            .write()
            .unwrap()
    }

    /// A page of the feed.
    pub(crate) async fn feed(&self, after: u64, wait_ms: u64) -> FeedPage {
        let path = format!("feed?epoch=1&after={after}&wait_ms={wait_ms}");
        let request = self.request(Method::GET, &path);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        FeedPage::decode(&answer.bytes().await.unwrap()).unwrap()
    }

    /// Any other gate: the same credential claims to stand there.
    pub(crate) const fn other_gate(&self) -> GateId {
        GateId(self.own.gate.0 + 1)
    }
}
