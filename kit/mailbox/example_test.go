package mailbox_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"example.com/plinth/kit/mailbox"
	"example.com/plinth/kit/mailkit"
)

func Example() {
	box := mailbox.New(time.Now, rand.Reader, mailbox.Options{Title: "Shop"})
	_ = box.Wrap(http.NotFoundHandler()) // serves /dev/mail
	err := box.Send(context.Background(), mailkit.Message{
		To: "ada@example.com", Subject: "Hello", Text: "Hello, Ada", HTML: "<p>Hello, Ada",
	})
	mails, _ := box.Mails()
	fmt.Println(len(mails), err)
	// Output: 1 <nil>
}
