#include "src/fleet/http_server.h"

#include <sys/resource.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>
#include <map>

#include "src/base/error.h"
#include "src/fleet/http_range.h"
#include "src/fleet/tls_server.h"
#include "src/fleet/visitors.h"

namespace jatai::fleet {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using Failed = beast::error_code;

constexpr std::size_t kHeaderBytes = 16 * 1024, kMostWaiting = 1024, kMostConnections = 20000;
constexpr std::size_t kOtherFiles = 200;  // the store, blobs on their way out, the broker
constexpr int kIdle_s = 90, kComeBack_s = 5;

// As many connections as files may be open, less what else needs files.
std::size_t most_connections() {
    struct rlimit files {};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    const std::size_t left = files.rlim_cur > 2 * kOtherFiles ? files.rlim_cur - kOtherFiles : kOtherFiles;
    return std::min(left, kMostConnections);
}

struct Address {
    std::string host;
    std::uint16_t port = 0;
};

Address parse_address(const std::string& listen) {
    const std::size_t colon = listen.rfind(':');
    Address address;
    const char* end = listen.data() + listen.size();
    const bool has = colon != std::string::npos && colon > 0;
    const auto parsed = has ? std::from_chars(listen.data() + colon + 1, end, address.port)
                            : std::from_chars_result{end, std::errc::invalid_argument};
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        throw Error{text("--listen {}: expected HOST:PORT", listen), text("for example 127.0.0.1:8080")};
    }
    address.host = listen.substr(0, colon);
    return address;
}

Request request_of(const http::request<http::string_body>& from, const std::string& peer, bool tls) {
    Request request;
    request.method = std::string(from.method_string());
    if (!parse_target({from.target().data(), from.target().size()}, request))
        throw Refusal{400, "this is no address of ours", ""};
    const auto field = [&](http::field name) { return std::string(from[name]); };
    request.body = from.body();
    request.type = field(http::field::content_type);
    request.accept = field(http::field::accept);
    request.authorization = field(http::field::authorization);
    request.range = field(http::field::range);
    request.if_none_match = field(http::field::if_none_match);
    request.if_range = field(http::field::if_range);
    request.forwarded = from.count("X-Forwarded-For") + from.count(http::field::forwarded) > 0;
    request.host = field(http::field::host);
    const bool clean =
        request.host.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") == std::string::npos;
    if (!clean) throw Refusal{400, "the Host header has letters that no host has", ""};
    request.peer = peer;
    request.tls = tls;
    return request;
}

}  // namespace

// Outlives its sessions: they hang on handlers of `io`, which goes last.
struct HttpServer::Inside {
    explicit Inside(HttpOptions o)
        : options(std::move(o)),
          visitors({most_connections(), options.most_per_address}),
          acceptor(io),
          tls(net::ssl::context::tls_server) {}
    HttpOptions options;
    Visitors visitors;
    std::function<Answered(const Request&)> handler;
    net::io_context io{1};
    tcp::acceptor acceptor;
    net::ssl::context tls;
    std::multimap<std::uint64_t, std::function<void()>> waiting;
    std::uint64_t committed = 0;
    bool with_tls = false, ending = false, accepting = false;

    void accept();
    void release(std::uint64_t ticket);
    void when_committed(std::uint64_t ticket, std::function<void()> then);
    void tick(const std::shared_ptr<net::steady_timer>& timer, int ms, std::function<void()> work);
    Answered answer(const Request& request);
};

namespace {

// One connection: read a request, answer it, again.
template <typename Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
  public:
    template <typename... Args>
    Session(HttpServer::Inside* server, Args&&... args)
        : server_(server), stream_(std::forward<Args>(args)...) {
        Failed failed;
        const auto end = lowest().socket().remote_endpoint(failed);
        peer_ = failed ? "unknown" : end.address().to_string();
        lowest().socket().set_option(tcp::no_delay(true), failed);
    }
    ~Session() { server_->visitors.leave(visitor_); }

    void start() {
        visitor_ = server_->visitors.come(peer_, [this] { lowest().close(); });
        if (visitor_ == 0) return turn_away();
        if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
            read();
        } else {
            lowest().expires_after(std::chrono::seconds(10));
            stream_.async_handshake(net::ssl::stream_base::server,
                                    [self = this->shared_from_this()](Failed failed) {
                                        if (!failed) self->read();
                                    });
        }
    }

  private:
    beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

    // In TLS it would take a handshake to say so: there the connection just ends.
    void turn_away() {
        if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
            last_ = true;
            reject({503, "too many connections from your address", "", kComeBack_s});
        }
    }

    // What is closed with bytes unread is reset, and the last word may be lost with it.
    void hear_out() {
        lowest().expires_after(std::chrono::seconds(1));
        lowest().async_read_some(buffer_.prepare(4096),
                                 [self = this->shared_from_this()](Failed, std::size_t) {});
    }

    void read() {
        if (server_->ending) return;
        server_->visitors.waits(visitor_);
        parser_.emplace();
        parser_->header_limit(kHeaderBytes);
        parser_->body_limit(boost::none);
        lowest().expires_after(std::chrono::seconds(first_ ? server_->options.request_seconds : kIdle_s));
        first_ = false;
        http::async_read_header(
            stream_, buffer_, *parser_, [self = this->shared_from_this()](Failed failed, std::size_t) {
                if (failed == http::error::header_limit)
                    return self->reject({431, "the header is longer than 16 KB", ""});
                if (failed &&
                    failed.category() == http::make_error_code(http::error::end_of_stream).category() &&
                    failed != http::error::end_of_stream && failed != http::error::partial_message) {
                    return self->reject({400, "this is not HTTP", ""});
                }
                if (!failed) self->read_body();
            });
    }

    void read_body() {
        const auto& header = parser_->get();
        const std::string target(header.target());
        const std::uint64_t limit = server_->options.body_limit
                                        ? server_->options.body_limit(target.substr(0, target.find('?')))
                                        : 65536;
        if (parser_->content_length().value_or(0) > limit)
            return reject({413, "the body is longer than " + std::to_string(limit) + " bytes", ""});
        parser_->body_limit(limit);
        lowest().expires_after(std::chrono::seconds(server_->options.request_seconds));
        if (header[http::field::expect] == "100-continue") {
            auto go_on = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
            return http::async_write(stream_, *go_on,
                                     [self = this->shared_from_this(), go_on](Failed failed, std::size_t) {
                                         if (!failed) self->read_rest();
                                     });
        }
        read_rest();
    }

    void read_rest() {
        http::async_read(stream_, buffer_, *parser_,
                         [self = this->shared_from_this()](Failed failed, std::size_t) {
                             if (failed == http::error::body_limit)
                                 return self->reject({413, "the body is longer than it may be", ""});
                             if (!failed) self->handle();
                         });
    }

    void handle() {
        server_->visitors.acts(visitor_);
        const http::request<http::string_body> request = parser_->release();
        keep_alive_ = request.keep_alive() && !server_->ending;
        Answered answered;
        try {
            const Request plain = request_of(request, peer_, server_->with_tls);
            range_ = plain.range;
            head_ = plain.method == "HEAD";
            answered = server_->answer(plain);
        } catch (const Refusal& refusal) {
            answered.reply = refuse(refusal);
        }
        server_->when_committed(
            answered.ticket, [self = this->shared_from_this(), reply = std::move(answered.reply)]() mutable {
                self->write(std::move(reply));
            });
    }

    // After this the connection closes: what follows cannot be understood.
    void reject(const Refusal& refusal) {
        keep_alive_ = false;
        range_.clear();
        write(refuse(refusal));
    }

    void write(Reply reply) {
        reply_ = std::move(reply);
        std::string_view body = reply_.blob ? reply_.blob->view() : std::string_view(reply_.body);
        response_ = {};
        response_.version(11);
        response_.keep_alive(keep_alive_);
        response_.set(http::field::content_type, reply_.type);
        response_.set("X-Content-Type-Options", "nosniff");
        response_.set(http::field::cache_control, "no-store");
        for (const auto& [name, value] : reply_.headers) response_.set(name, value);
        if (reply_.blob)
            reply_.status = cut_to_range(
                reply_.whole ? std::string() : range_, body,
                [this](const char* name, const std::string& value) { response_.set(name, value); });
        response_.result(static_cast<unsigned>(reply_.status));
        response_.content_length(body.size());
        response_.body().data = body.empty() || head_ ? nullptr : const_cast<char*>(body.data());
        response_.body().size = head_ ? 0 : body.size();
        response_.body().more = false;
        send();
    }

    void send() {
        lowest().expires_after(std::chrono::seconds(reply_.blob ? 600 : server_->options.request_seconds));
        serializer_.emplace(response_);
        const auto sent = [self = this->shared_from_this()](Failed failed, std::size_t) {
            self->reply_ = {};
            if (!failed && self->keep_alive_) return self->read();
            Failed ignored;
            self->lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
            if (self->last_) self->hear_out();
        };
        if (head_)
            http::async_write_header(stream_, *serializer_, sent);
        else
            http::async_write(stream_, *serializer_, sent);
    }

    HttpServer::Inside* server_;
    Stream stream_;
    std::string peer_, range_;
    beast::flat_buffer buffer_{1 << 20};
    std::optional<http::request_parser<http::string_body>> parser_;
    Reply reply_;
    http::response<http::buffer_body> response_;
    std::optional<http::response_serializer<http::buffer_body>> serializer_;
    std::uint64_t visitor_ = 0;
    bool keep_alive_ = true, head_ = false, first_ = true, last_ = false;
};

}  // namespace

Answered HttpServer::Inside::answer(const Request& request) {
    if (waiting.size() >= kMostWaiting) throw Refusal{503, "too many requests wait for the disk", "", 1};
    return handler(request);
}

void HttpServer::Inside::when_committed(std::uint64_t ticket, std::function<void()> then) {
    if (ticket <= committed) return then();
    waiting.emplace(ticket, std::move(then));
}

void HttpServer::Inside::release(std::uint64_t ticket) {
    committed = std::max(committed, ticket);
    while (!waiting.empty() && waiting.begin()->first <= committed) {
        const auto then = std::move(waiting.begin()->second);
        waiting.erase(waiting.begin());
        then();
    }
}

void HttpServer::Inside::accept() {
    acceptor.async_accept([self = this](Failed failed, tcp::socket socket) {
        if (self->ending) return;
        if (!failed) {
            if (self->with_tls) {
                std::make_shared<Session<beast::ssl_stream<beast::tcp_stream>>>(self, std::move(socket),
                                                                                self->tls)
                    ->start();
            } else {
                std::make_shared<Session<beast::tcp_stream>>(self, std::move(socket))->start();
            }
        }
        self->accept();
    });
}

void HttpServer::Inside::tick(const std::shared_ptr<net::steady_timer>& timer, int ms,
                              std::function<void()> work) {
    timer->expires_after(std::chrono::milliseconds(ms));
    timer->async_wait([self = this, timer, ms, work = std::move(work)](Failed failed) mutable {
        if (failed || self->ending) return;
        work();
        self->tick(timer, ms, std::move(work));
    });
}

bool is_loopback(const std::string& host) {
    Failed failed;
    const auto address =
        net::ip::make_address(host.front() == '[' ? host.substr(1, host.size() - 2) : host, failed);
    return host == "localhost" || (!failed && address.is_loopback());
}

HttpServer::HttpServer(HttpOptions options, std::function<Answered(const Request&)> handler)
    : inside_(std::make_shared<Inside>(std::move(options))) {
    Inside& in = *inside_;
    in.handler = std::move(handler);
    const Address address = parse_address(in.options.listen);
    in.with_tls = !in.options.tls_cert.empty();
    if (!in.with_tls && !is_loopback(address.host)) {
        throw Error{text("--listen {}: reachable from outside and without TLS", in.options.listen),
                    text("give --tls-cert and --tls-key, or listen on 127.0.0.1")};
    }
    try {
        if (in.with_tls) {
            prepare_tls(in.tls.native_handle());
            in.tls.use_certificate_chain_file(in.options.tls_cert.string());
            in.tls.use_private_key_file(in.options.tls_key.string(), net::ssl::context::pem);
        }
        const std::string host =
            address.host.front() == '[' ? address.host.substr(1, address.host.size() - 2) : address.host;
        const tcp::endpoint end(net::ip::make_address(host == "localhost" ? "127.0.0.1" : host),
                                address.port);
        in.acceptor.open(end.protocol());
        in.acceptor.set_option(net::socket_base::reuse_address(true));
        in.acceptor.bind(end);
        in.acceptor.listen(4096);
    } catch (const boost::system::system_error& error) {
        throw Error{
            text("{}: {}",
                 in.with_tls ? in.options.listen + ", " + in.options.tls_cert.string() : in.options.listen,
                 std::string(error.what())),
            text("is the port taken, or the certificate not in PEM form?")};
    }
}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return inside_->acceptor.local_endpoint().port(); }

void HttpServer::post(std::function<void()> work) { net::post(inside_->io, std::move(work)); }

void HttpServer::every(int ms, std::function<void()> work) {
    inside_->tick(std::make_shared<net::steady_timer>(inside_->io), ms, std::move(work));
}

void HttpServer::committed(std::uint64_t ticket) {
    net::post(inside_->io, [in = inside_.get(), ticket] { in->release(ticket); });
}

void HttpServer::after(std::uint64_t ticket, std::function<void()> then) {
    inside_->when_committed(ticket, std::move(then));
}

void HttpServer::run() {
    inside_->accept();
    const auto guard = net::make_work_guard(inside_->io);
    inside_->io.run();
}

void HttpServer::run_ready() {
    if (!inside_->accepting) inside_->accept();
    inside_->accepting = true;
    inside_->io.restart();
    inside_->io.poll();
}

void HttpServer::stop() {
    net::post(inside_->io, [in = inside_.get()] {
        in->ending = true;
        Failed ignored;
        in->acceptor.close(ignored);
        auto last = std::make_shared<net::steady_timer>(in->io, std::chrono::milliseconds(300));
        last->async_wait([in, last](Failed) { in->io.stop(); });
    });
}

}  // namespace jatai::fleet
