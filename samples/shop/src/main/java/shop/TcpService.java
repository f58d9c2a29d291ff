package shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The TCP face of one service: for each line that comes in, the service appends its name, asks the next one and hands the
 * answer back; the last one answers itself. The end of the caller's stream travels down the chain as a half-close, and
 * the end of the answers travels back.
 */
final class TcpService implements AutoCloseable {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int IDLE_MILLIS = 60_000;

    private final String name;
    private final ServerSocket listener;
    private final Optional<HostPort> next;
    private final ServedLog log;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private TcpService(String name, ServerSocket listener, Optional<HostPort> next, ServedLog log) {
        this.name = name;
        this.listener = listener;
        this.next = next;
        this.log = log;
    }

    static TcpService start(String name, int port, Optional<HostPort> next, ServedLog log) throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(port), 256);
        TcpService service = new TcpService(name, listener, next, log);
        service.threads.execute(service::acceptAll);
        return service;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket caller = listener.accept();
                threads.execute(() -> converse(caller));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    System.err.println("shop " + name + ": accept: " + e);
                }
            }
        }
    }

    private void converse(Socket caller) {
        try (caller) {
            caller.setTcpNoDelay(true);
            caller.setSoTimeout(IDLE_MILLIS);
            if (next.isEmpty()) {
                answerItself(caller);
            } else {
                try (Socket onward = connect(next.get())) {
                    askNext(caller, onward);
                }
            }
        } catch (IOException e) {
            System.err.println("shop " + name + ": conversation ended: " + e);
        }
    }

    private static Socket connect(HostPort to) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(IDLE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getByName(to.host()), to.port()), CONNECT_MILLIS);
        return socket;
    }

    private void answerItself(Socket caller) throws IOException {
        BufferedReader lines = reader(caller);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            served(caller, line);
            write(caller, line + " " + name);
        }
        caller.shutdownOutput();
    }

    private void askNext(Socket caller, Socket onward) throws IOException {
        BufferedReader lines = reader(caller);
        BufferedReader answers = reader(onward);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            served(caller, line);
            write(onward, line + " " + name);
            String answer = answers.readLine();
            if (answer == null) {
                return;
            }
            write(caller, answer);
        }
        onward.shutdownOutput();
        for (String rest = answers.readLine(); rest != null; rest = answers.readLine()) {
            write(caller, rest);
        }
        caller.shutdownOutput();
    }

    private void served(Socket caller, String line) {
        log.tcp((InetSocketAddress) caller.getRemoteSocketAddress(), line);
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void write(Socket socket, String line) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
