//! A DNS server on this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use hickory_proto::op::{Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// Largest response over UDP in bytes. The client asks again over TCP for a larger one.
const LARGEST_OVER_UDP: usize = 512;

/// Longest part of a TXT record in bytes.
const LONGEST_PART: usize = 255;

/// A DNS server on 127.0.0.1, over UDP and TCP, that runs until the process ends.
///
/// Its zone has one record per line, as in `desk.example MX 10 mail.desk.example`. The types are A,
/// AAAA, CNAME, MX and TXT (the rest of the line). In place of a type, `SERVFAIL` and `REFUSED` are
/// the response to all questions about a name, and `SILENT` stands for no response. A type and
/// `SILENT`, as in `desk.example AAAA SILENT`, silence one type. Other names do not exist.
pub struct DnsServer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    zone: String,
    /// Time to live of all records in seconds.
    lifetime: u32,
    questions: Vec<String>,
}

/// Answer to one question.
enum Answer {
    Records(Vec<Record>),
    Code(ResponseCode),
    Silence,
}

impl DnsServer {
    /// Starts a server for a zone.
    pub fn start(zone: &str) -> Self {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = udp.local_addr().expect("an address");
        let tcp = TcpListener::bind(address).expect("the same port");
        let shared = Shared { zone: zone.to_owned(), lifetime: 0, questions: Vec::new() };
        let shared = Arc::new(Mutex::new(shared));
        let of_udp = Arc::clone(&shared);
        thread::spawn(move || serve_udp(&udp, &of_udp));
        let of_tcp = Arc::clone(&shared);
        thread::spawn(move || serve_tcp(&tcp, &of_tcp));
        Self { address, shared }
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Replaces the zone.
    pub fn set_zone(&self, zone: &str) {
        zone.clone_into(&mut self.shared().zone);
    }

    /// Sets the time to live of all records in seconds. It is 0 at first, so nothing is cached.
    pub fn set_lifetime(&self, seconds: u32) {
        self.shared().lifetime = seconds;
    }

    /// Returns all questions so far, such as `desk.example. A`, in order.
    pub fn questions(&self) -> Vec<String> {
        self.shared().questions.clone()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().expect("no panic")
    }
}

fn serve_udp(socket: &UdpSocket, shared: &Mutex<Shared>) {
    let mut packet = [0; 4096];
    while let Ok((size, client)) = socket.recv_from(&mut packet) {
        let Some(response) = respond(&packet[..size], shared) else { continue };
        let mut bytes = response.to_vec().expect("a message");
        if bytes.len() > LARGEST_OVER_UDP {
            bytes = response.truncate().to_vec().expect("a message");
        }
        // A client may have given up.
        let _ = socket.send_to(&bytes, client);
    }
}

fn serve_tcp(listener: &TcpListener, shared: &Arc<Mutex<Shared>>) {
    for stream in listener.incoming().flatten() {
        let shared = Arc::clone(shared);
        thread::spawn(move || while serve_next(&stream, &shared).is_some() {});
    }
}

/// Serves one question. Returns nothing if there are no more.
fn serve_next(mut stream: &TcpStream, shared: &Mutex<Shared>) -> Option<()> {
    let mut size = [0; 2];
    stream.read_exact(&mut size).ok()?;
    let mut packet = vec![0; u16::from_be_bytes(size).into()];
    stream.read_exact(&mut packet).ok()?;
    let bytes = respond(&packet, shared)?.to_vec().ok()?;
    let size = u16::try_from(bytes.len()).ok()?;
    stream.write_all(&[&size.to_be_bytes()[..], &bytes].concat()).ok()
}

fn respond(packet: &[u8], shared: &Mutex<Shared>) -> Option<Message> {
    let request = Message::from_vec(packet).ok()?;
    let query = request.queries.first()?.clone();
    let mut shared = shared.lock().expect("no panic");
    shared.questions.push(format!("{} {}", query.name(), query.query_type()));
    let mut response = match answer(&shared.zone, shared.lifetime, &query) {
        Answer::Silence => return None,
        Answer::Code(code) => Message::error_msg(request.id, OpCode::Query, code),
        Answer::Records(records) => {
            let mut response = Message::response(request.id, OpCode::Query);
            response.add_answers(records);
            response
        }
    };
    response.metadata.recursion_desired = true;
    response.metadata.recursion_available = true;
    response.add_query(query);
    Some(response)
}

fn answer(zone: &str, lifetime: u32, query: &Query) -> Answer {
    let mut records = Vec::new();
    let mut exists = false;
    for line in zone.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, rest) = line.split_once(' ').expect("a name and a type");
        let name = qualified(name);
        exists |= query.name().zone_of(&name) || query.name() == &name;
        if &name != query.name() {
            continue;
        }
        let (kind, data) = rest.split_once(' ').unwrap_or((rest, ""));
        match kind {
            "SILENT" => return Answer::Silence,
            "SERVFAIL" => return Answer::Code(ResponseCode::ServFail),
            "REFUSED" => return Answer::Code(ResponseCode::Refused),
            kind if kind == query.query_type().to_string() && data == "SILENT" => {
                return Answer::Silence;
            }
            "CNAME" => {
                let target = qualified(data);
                let alias = RData::CNAME(CNAME(target.clone()));
                records.push(Record::from_rdata(name, lifetime, alias));
                let of_target = Query::query(target, query.query_type());
                if let Answer::Records(found) = answer(zone, lifetime, &of_target) {
                    records.extend(found);
                }
            }
            kind if kind == query.query_type().to_string() => {
                records.push(Record::from_rdata(name, lifetime, parsed(query.query_type(), data)));
            }
            _ => {}
        }
    }
    if exists { Answer::Records(records) } else { Answer::Code(ResponseCode::NXDomain) }
}

fn qualified(name: &str) -> Name {
    let mut name = Name::from_ascii(name).expect("a name");
    name.set_fqdn(true);
    name
}

fn parsed(kind: RecordType, data: &str) -> RData {
    match kind {
        RecordType::A => RData::A(A(data.parse().expect("an IPv4 address"))),
        RecordType::AAAA => RData::AAAA(AAAA(data.parse().expect("an IPv6 address"))),
        RecordType::MX => {
            let (preference, host) = data.split_once(' ').expect("a preference and a host");
            RData::MX(MX::new(preference.parse().expect("a number"), qualified(host)))
        }
        RecordType::TXT => {
            let parts = data.as_bytes().chunks(LONGEST_PART);
            RData::TXT(TXT::from_bytes(parts.collect()))
        }
        kind => panic!("{kind} is not supported"),
    }
}
